using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Countersign.Protocol.Statements;
using Countersign.Server.Data;
using Countersign.Server.Data.Protection;
using Countersign.Server.Features.Confirming.Challenges;
using Countersign.Server.Features.Confirming.Devices;
using Countersign.Server.Features.Ground.Audit;
using Countersign.Server.Features.Registry.Users;
using Countersign.Server.Http;
using Microsoft.EntityFrameworkCore;

namespace Countersign.Server.Features.Kinds.EmailCodes;

/// <summary>The address to be confirmed.</summary>
internal sealed record EmailVerificationSubject(string Address);

[JsonSerializable(typeof(EmailVerificationSubject))]
internal sealed partial class EmailCodesJson : JsonSerializerContext;

/// <summary>Shows that an e-mail address is the person's: the code that was sent there comes back.</summary>
internal sealed class EmailVerificationPurpose(AuditTrail audit, TimeProvider time) : IPurpose
{
    public const string PurposeId = "email-verification";

    public string Id => PurposeId;

    public bool Activates => true;

    public ChallengeRules Rules(UserView user) => ChallengeRules.Of(user.Regime);

    public Statement Say(JsonElement subject, CultureInfo language)
    {
        var address = Read(subject).Address;
        return new(string.Format(language, TextOf<EmailCodeText>.In(language, "statement"), EmailAddress.Mask(address)), [new StatementDetail("address", address)]);
    }

    public Error? Refuses(DeviceView device, KindTraits kind, JsonElement subject) => null;

    public async Task<Outcome> CompleteAsync(ChallengeView approved, DeviceView device, CountersignDbContext db, CancellationToken ct)
    {
        var address = Read(approved.Subject).Address;
        var now = time.GetUtcNow();
        var confirmed = await db.Set<User>().Where(u => u.Id == approved.User.Id && u.Email == address).ExecuteUpdateAsync(set => set.SetProperty(u => u.EmailConfirmedAt, now), ct) == 1;
        if (!confirmed)
        {
            return new Outcome(null, ChallengeErrors.Changed);
        }

        audit.Add(
            db, AuditEvents.EmailConfirmed, approved.User.Id, Actor.Client(approved.User.Id, approved.Source),
            ("challenge", approved.Id));
        return new Outcome(null);
    }

    private static EmailVerificationSubject Read(JsonElement subject) => subject.Deserialize(EmailCodesJson.Default.EmailVerificationSubject)!;
}

/// <summary>Begins the confirmation of a user's e-mail address.</summary>
internal sealed class ConfirmEmail(ChallengePrompting prompting, RowProtection protection, TimeProvider time)
{
    /// <summary>Sends the code, in a unit of work.</summary>
    public async Task<Result<ChallengeHandle>> BeginAsync(CountersignDbContext db, UserView user, Opener opener, CultureInfo language, CancellationToken ct)
    {
        if (user.Email is not { } address)
        {
            return ChallengeErrors.NoDevice;
        }

        var device = await WaitingAsync(db, user.Id, address, ct);
        var subject = JsonSerializer.SerializeToElement(new EmailVerificationSubject(address), EmailCodesJson.Default.EmailVerificationSubject);
        return await prompting.BeginOnAsync(db, user, EmailVerificationPurpose.PurposeId, subject, language, opener, device, ct);
    }

    /// <summary>The row that stands for the address: it waits for ever, because an address is never a second factor.</summary>
    private async Task<Guid> WaitingAsync(CountersignDbContext db, Guid userId, string address, CancellationToken ct)
    {
        var known = await db.Set<Device>().AsNoTracking().Where(d => d.UserId == userId && d.Kind == EmailCodeKind.KindId && d.Serial == EmailCodeKind.KindId)
            .Select(d => (Guid?)d.Id).SingleOrDefaultAsync(ct);
        var now = time.GetUtcNow();
        var id = known ?? Guid.CreateVersion7(now);
        var state = protection.Protect(Device.StateColumn, userId, id, Encoding.UTF8.GetBytes(address));
        if (known is not null)
        {
            await db.Set<Device>().Where(d => d.UserId == userId && d.Id == id).ExecuteUpdateAsync(set => set.SetProperty(d => d.State, state), ct);
            return id;
        }

        db.Add(new Device { UserId = userId, Id = id, Kind = EmailCodeKind.KindId, Serial = EmailCodeKind.KindId, Label = Label(address), Status = DeviceStatus.Ordered, State = state, CreatedAt = now });
        await db.SaveChangesAsync(ct);
        return id;
    }

    private static string Label(string address) => EmailAddress.Mask(address) is var label && label.Length > 64 ? label[..64] : label;
}
