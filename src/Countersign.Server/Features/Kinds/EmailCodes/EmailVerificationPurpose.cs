using System.Globalization;
using Countersign.Protocol.Statements;
using Countersign.Server.Data;
using Countersign.Server.Features.Confirming.Challenges;
using Countersign.Server.Features.Confirming.Devices;
using Countersign.Server.Features.Ground.Audit;
using Countersign.Server.Features.Registry.Users;
using Countersign.Server.Http;
using Microsoft.EntityFrameworkCore;

namespace Countersign.Server.Features.Kinds.EmailCodes;

/// <summary>The address to be confirmed.</summary>
internal sealed record EmailVerificationSubject(string Address);

/// <summary>Shows that an e-mail address is the person's: the code that was sent there comes back.</summary>
internal sealed class EmailVerificationPurpose(AuditTrail audit, TimeProvider time) : Purpose<EmailVerificationSubject, Done>
{
    public override string Id => "email-verification";

    public override PurposeTraits Traits => PurposeTraits.Activates;

    public override Statement Say(EmailVerificationSubject subject, CultureInfo language) => new(
        string.Format(language, TextOf<EmailCodeText>.In(language, "statement"), EmailAddress.Mask(subject.Address)),
        [new StatementDetail("address", subject.Address)]);

    public override async Task<Result<Done>> CompleteAsync(
        Approval<EmailVerificationSubject> approved, CountersignDbContext db, CancellationToken ct)
    {
        var (userId, address, now) = (approved.User.Id, approved.Subject.Address, time.GetUtcNow());
        if (await db.Set<User>().Where(u => u.Id == userId && u.Email == address).ExecuteUpdateAsync(
            set => set.SetProperty(u => u.EmailConfirmedAt, now), ct) == 0)
        {
            return ChallengeErrors.Changed;
        }

        audit.Add(db, AuditEvents.EmailConfirmed, userId, approved.By, ("challenge", approved.ChallengeId));
        return Done.Now;
    }
}

/// <summary>Begins the confirmation of a user's e-mail address.</summary>
internal sealed class ConfirmEmail(ChallengeOpening opening, EmailVerificationPurpose purpose, AddressCredentials addresses)
{
    /// <summary>Sends the code, in a unit of work.</summary>
    public async Task<Result<ChallengeHandle>> BeginAsync(
        CountersignDbContext db, UserView user, Opener opener, CultureInfo language, CancellationToken ct)
    {
        if (user.Email is not { } address)
        {
            return ChallengeErrors.NoDevice;
        }

        // One for each user, whatever address it stands for: wrong responses go on counting when the address is changed.
        var credential = await addresses.OfAsync(db, user.Id, EmailCodeKind.KindId, serial: $"user-{user.Id:N}", address, ct);
        var request = purpose.For(user, new EmailVerificationSubject(address), language, opener);
        return await opening.BeginOnAsync(db, request, new AskedOf(credential.Key, DeviceId: null), had: null, ct);
    }
}
