using System.Globalization;
using System.Text.Json;
using Countersign.Protocol.Statements;
using Countersign.Server.Data;
using Countersign.Server.Features.Confirming.Challenges;
using Countersign.Server.Features.Confirming.Devices;
using Countersign.Server.Features.Confirming.Devices.Tiers;
using Countersign.Server.Features.Ground.Audit;
using Countersign.Server.Features.Registry.Users;
using Countersign.Server.Http;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace Countersign.Server.Features.Confirming.DeviceSettings;

/// <summary>The device that is to become active.</summary>
internal sealed record DeviceActivationSubject(Guid DeviceId, string Kind, string Label);

/// <summary>A new device shows that it is in the client's hands, and works from then on. The others stay active (S8).</summary>
internal sealed class DeviceActivationPurpose(
    KindCatalog kinds, DeviceViews devices, DeviceTiers tiers, DeviceHistory history, DeviceNotices notices, AuditTrail audit, IOptions<DeviceOptions> options, TimeProvider time) : IPurpose
{
    public const string PurposeId = "device-activation";

    public string Id => PurposeId;

    public bool Activates => true;

    public ChallengeRules Rules(UserView user) => ChallengeRules.Of(user.Regime);

    public Statement Say(JsonElement subject, CultureInfo language)
    {
        var device = Read(subject);
        return new(
            string.Format(language, TextOf<DeviceText>.In(language, "statement.activate"), kinds.Name(device.Kind, language), device.Label),
            [new StatementDetail("device", device.DeviceId.ToString("N")), new StatementDetail("kind", device.Kind)]);
    }

    public Error? Refuses(DeviceView device, KindTraits kind, JsonElement subject) =>
        device.Id != Read(subject).DeviceId ? ChallengeErrors.DeviceUnavailable
        : time.GetUtcNow() > device.CreatedAt + options.Value.ActivationWait && device.PhysicalId is null ? DeviceErrors.WaitedTooLong : null;

    public async Task<Outcome> CompleteAsync(ChallengeView approved, DeviceView device, CountersignDbContext db, CancellationToken ct)
    {
        var (user, now) = (approved.User, time.GetUtcNow());

        // As the response left it: what it says of itself decides its tier.
        var activated = await devices.FindAsync(db, user.Id, device.Id, ct);
        var trusted = tiers.TrustedAt(activated!, user.Regime);
        if (await db.Set<Device>().Where(d => d.UserId == user.Id && d.Id == device.Id && d.Status == DeviceStatus.Ordered)
            .ExecuteUpdateAsync(set => set.SetProperty(d => d.Status, DeviceStatus.Active).SetProperty(d => d.ActivatedAt, now).SetProperty(d => d.TrustedAt, trusted), ct) == 0)
        {
            return new Outcome(null, DeviceErrors.Gone);
        }

        history.Add(db, user.Id, device.Id, DeviceEventKind.Activated, by: null, approved.Source);
        audit.Add(
            db, AuditEvents.DeviceActivated, user.Id, Actor.Client(user.Id, approved.Source),
            ("challenge", approved.Id), ("device", device.Id), ("kind", device.Kind));
        if (kinds.Find(device.Kind)!.Traits.Permanent)
        {
            await EndTemporaryAsync(db, user, approved.Source, device.Kind, now, ct);
        }

        await notices.TellAsync(db, user, DeviceEventKind.Activated, device.Kind, device.Label, byKind: device.Kind, ct);
        return new Outcome(device.Id);
    }

    /// <summary>Kinds that bridge a gap end where there is none any more, by policy (S8).</summary>
    private async Task EndTemporaryAsync(CountersignDbContext db, UserView user, string source, string byKind, DateTimeOffset now, CancellationToken ct)
    {
        var ended = options.Value.EndedKinds();
        var rows = await db.Set<Device>().AsNoTracking().Where(d => d.UserId == user.Id && d.Status == DeviceStatus.Active && ended.Contains(d.Kind)).Select(d => new { d.Id, d.Kind, d.Label }).ToListAsync(ct);
        foreach (var row in rows)
        {
            await db.Set<Device>().Where(d => d.UserId == user.Id && d.Id == row.Id)
                .ExecuteUpdateAsync(set => set.SetProperty(d => d.Status, DeviceStatus.Expired).SetProperty(d => d.EndedAt, now).SetProperty(d => d.Preferred, false), ct);
            history.Add(db, user.Id, row.Id, DeviceEventKind.Expired, by: null, source);
            audit.Add(db, AuditEvents.DeviceExpired, user.Id, Actor.Client(user.Id, source), ("device", row.Id), ("kind", row.Kind));
            await notices.TellAsync(db, user, DeviceEventKind.Expired, row.Kind, row.Label, byKind, ct);
        }
    }

    private static DeviceActivationSubject Read(JsonElement subject) => subject.Deserialize(DevicesJson.Default.DeviceActivationSubject)!;
}
