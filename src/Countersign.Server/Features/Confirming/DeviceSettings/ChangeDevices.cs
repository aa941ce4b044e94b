using System.Globalization;
using System.Text.Json;
using Countersign.Server.Data;
using Countersign.Server.Features.Confirming.Challenges;
using Countersign.Server.Features.Confirming.Devices;
using Countersign.Server.Features.Ground.Audit;
using Countersign.Server.Features.Kinds.TextMessages;
using Countersign.Server.Features.Registry.PhoneNumbers;
using Countersign.Server.Features.Registry.Users;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace Countersign.Server.Features.Confirming.DeviceSettings;

/// <summary>Asks for a device to agree to a change of devices, and begins the activation of a new one. Nothing changes before they have answered.</summary>
internal sealed class ChangeDevices(IWriter writer, ChallengePrompting prompting, KindCatalog kinds, DeviceStrength strength, SettledNumbers settled, DeviceHistory history, AuditTrail audit, IOptions<DeviceOptions> options, TimeProvider time)
{
    private static readonly DeviceStatus[] Held = [DeviceStatus.Ordered, DeviceStatus.Shipped, DeviceStatus.Active, DeviceStatus.Suspended];

    public Task<Result<ChallengeHandle>> AddAsync(UserView user, Guid session, Opener opener, string kindId, string? label, string? typed, CultureInfo language, CancellationToken ct)
    {
        if (!options.Value.CanAdd(kindId) || kinds.Find(kindId) is not IAddableKind kind)
        {
            return Task.FromResult<Result<ChallengeHandle>>(DeviceErrors.NotAddable);
        }

        var read = DeviceLabel.Read(label);
        if (!read.Succeeded)
        {
            return Task.FromResult<Result<ChallengeHandle>>(read.Error);
        }

        // A kind that asks for nothing would not look at it.
        typed = kind.AsksFirst ? typed : null;

        return writer.RunAsync<Result<ChallengeHandle>>(
            async (db, token) =>
            {
                return await CountAsync(db, user.Id, token) >= options.Value.Most ? DeviceErrors.TooMany with { Arguments = [options.Value.Most] }
                    : await kind.RefusesAsync(user, typed, db, token) is { } refusal ? refusal
                    : await BeginAsync(db, user, opener, new DeviceChangeSubject(DeviceChange.Add, null, kind.Id, read.Value, typed, session, 0, [], Trusted: false), language, token);
            },
            ct);
    }

    /// <summary>For a device that is there: suspend, resume, report as lost, remove.</summary>
    public Task<Result<ChallengeHandle>> ChangeAsync(UserView user, Guid session, Opener opener, DeviceChange change, Guid deviceId, CultureInfo language, CancellationToken ct) => writer.RunAsync<Result<ChallengeHandle>>(
        async (db, token) =>
        {
            var device = await db.Set<Device>().AsNoTracking().SingleOrDefaultAsync(d => d.UserId == user.Id && d.Id == deviceId, token);
            if (device is null || !Allows(change, device.Status) || kinds.Find(device.Kind) is null)
            {
                return DeviceErrors.Gone;
            }

            return await WhyAloneAsync(db, user.Id, device, change, token) is { } alone
                ? alone
                : await BeginAsync(db, user, opener, new DeviceChangeSubject(change, device.Id, device.Kind, device.Label, null, session, 0, [], Trusted: device.TrustedAt <= time.GetUtcNow()), language, token);
        },
        ct);

    /// <summary>Begins, or goes on with, the activation of a waiting device.</summary>
    public Task<Result<ChallengeHandle>> ActivateAsync(UserView user, Guid session, Opener opener, Guid deviceId, CultureInfo language, CancellationToken ct) => writer.RunAsync<Result<ChallengeHandle>>(
        async (db, token) =>
        {
            var device = await db.Set<Device>().AsNoTracking().SingleOrDefaultAsync(d => d.UserId == user.Id && d.Id == deviceId, token);
            if (device is not { Status: DeviceStatus.Ordered } || kinds.Find(device.Kind) is not IAddableKind)
            {
                return DeviceErrors.Gone;
            }

            if (device.PhysicalId is null && device.OrderedIn != session)
            {
                return DeviceErrors.OtherSession;
            }

            var subject = JsonSerializer.SerializeToElement(new DeviceActivationSubject(device.Id, device.Kind, device.Label), DevicesJson.Default.DeviceActivationSubject);
            return await prompting.BeginOnAsync(db, user, DeviceActivationPurpose.PurposeId, subject, language, opener, device.Id, token);
        },
        ct);

    /// <summary>A name changes nothing that a device must agree to.</summary>
    public async Task<Error?> RenameAsync(UserView user, Guid deviceId, string? label, string source, CancellationToken ct)
    {
        var read = DeviceLabel.Read(label);
        return !read.Succeeded ? read.Error : await writer.RunAsync<Error?>(
            async (db, token) =>
            {
                if (await db.Set<Device>().Where(d => d.UserId == user.Id && d.Id == deviceId && Held.Contains(d.Status)).ExecuteUpdateAsync(set => set.SetProperty(d => d.Label, read.Value), token) == 0)
                {
                    return DeviceErrors.Gone;
                }

                history.Add(db, user.Id, deviceId, DeviceEventKind.Renamed, by: null, source);
                audit.Add(db, AuditEvents.DeviceRenamed, user.Id, Actor.Client(user.Id, source), ("device", deviceId));
                return null;
            },
            ct);
    }

    /// <summary>Which device the picker has first. It opens nothing and closes nothing.</summary>
    public Task<Error?> PreferAsync(UserView user, Guid deviceId, string source, CancellationToken ct) => writer.RunAsync<Error?>(
        async (db, token) =>
        {
            if (!await db.Set<Device>().AnyAsync(d => d.UserId == user.Id && d.Id == deviceId && d.Status == DeviceStatus.Active, token))
            {
                return DeviceErrors.Gone;
            }

            await db.Set<Device>().Where(d => d.UserId == user.Id).ExecuteUpdateAsync(set => set.SetProperty(d => d.Preferred, d => d.Id == deviceId), token);
            history.Add(db, user.Id, deviceId, DeviceEventKind.Preferred, by: null, source);
            return null;
        },
        ct);

    private async Task<Result<ChallengeHandle>> BeginAsync(CountersignDbContext db, UserView user, Opener opener, DeviceChangeSubject change, CultureInfo language, CancellationToken ct)
    {
        var strongest = change.Change == DeviceChange.Add ? await strength.StrongestAsync(db, user, ct) : await strength.StrongestTrustedAsync(db, user, ct);
        var full = change with { Strongest = strongest, TooNew = await settled.TooNewAsync(db, user.Id, ct) };
        var subject = JsonSerializer.SerializeToElement(full, DevicesJson.Default.DeviceChangeSubject);
        return await prompting.BeginAsync(db, user, DeviceChangePurpose.PurposeId, subject, language, opener, ct);
    }

    /// <summary>How many devices the user has, waiting ones among them.</summary>
    public static Task<int> CountAsync(CountersignDbContext db, Guid userId, CancellationToken ct) =>
        db.Set<Device>().CountAsync(d => d.UserId == userId && Held.Contains(d.Status), ct);

    /// <summary>Why the only active device may not change like this: it cannot confirm its own loss, nor go where nothing would be left. Null when it may.</summary>
    private static async Task<Error?> WhyAloneAsync(CountersignDbContext db, Guid userId, Device device, DeviceChange change, CancellationToken ct) =>
        device.Status != DeviceStatus.Active ? null
        : change == DeviceChange.Remove ? await IsLastAsync(db, userId, device, ct) ? DeviceErrors.OnlyOne : null
        : await HasOtherAsync(db, userId, device, ct) ? null : DeviceErrors.NoOther;

    /// <summary>Whether nothing would be left to sign in with: no other active device, and no number to which text messages may go.</summary>
    public static async Task<bool> IsLastAsync(CountersignDbContext db, Guid userId, Device device, CancellationToken ct) =>
        !await HasOtherAsync(db, userId, device, ct)
        && (device.Kind == TextMessageKind.KindId || (await NumberDevices.AnsweringAsync(db, userId, ct)).Count == 0);

    private static Task<bool> HasOtherAsync(CountersignDbContext db, Guid userId, Device device, CancellationToken ct) =>
        db.Set<Device>().AnyAsync(d => d.UserId == userId && d.Id != device.Id && d.Status == DeviceStatus.Active, ct);

    private static bool Allows(DeviceChange change, DeviceStatus status) => change switch
    {
        DeviceChange.Suspend => status == DeviceStatus.Active,
        DeviceChange.Resume => status == DeviceStatus.Suspended,
        DeviceChange.Lost => status is DeviceStatus.Active or DeviceStatus.Suspended,
        _ => status is DeviceStatus.Active or DeviceStatus.Suspended or DeviceStatus.Ordered or DeviceStatus.Shipped,
    };
}

/// <summary>The name that a client gives a device. It stands in messages, so that nothing in it can be a link.</summary>
internal static class DeviceLabel
{
    public const int MaximumLength = 40;

    public static Result<string> Read(string? typed)
    {
        var label = typed?.Trim() ?? string.Empty;
        return label.Length == 0 ? DeviceErrors.LabelMissing
            : !label.All(c => char.IsLetterOrDigit(c) || c is ' ' or '-' or '\'' or '(' or ')' or '+' or '&') ? DeviceErrors.LabelCharacters
            : label.Length > MaximumLength ? DeviceErrors.LabelTooLong with { Arguments = [MaximumLength] }
            : label;
    }
}
