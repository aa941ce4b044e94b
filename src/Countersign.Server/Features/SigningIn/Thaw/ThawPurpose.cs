using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Countersign.Protocol.Statements;
using Countersign.Server.Data;
using Countersign.Server.Features.Access.Freezing;
using Countersign.Server.Features.Confirming.Challenges;
using Countersign.Server.Features.Ground.Audit;
using Countersign.Server.Features.Messaging.Notices;
using Countersign.Server.Features.Registry.Users;
using Countersign.Server.Http;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace Countersign.Server.Features.SigningIn.Thaw;

/// <summary>Since when the user is frozen, and how strong a device it takes.</summary>
internal sealed record ThawSubject(DateTimeOffset FrozenAt, int Strongest);

[JsonSerializable(typeof(ThawSubject))]
internal sealed partial class FreezingJson : JsonSerializerContext;

/// <summary>
/// Opens a frozen user again (D26). It takes the strongest of the devices that were trusted before the freeze: what a thief
/// added a moment before does not count. The password has to be changed next.
/// </summary>
internal sealed class ThawPurpose(NoticeBoard notices, AuditTrail audit, IOptions<SiteOptions> site) : IPurpose
{
    public const string PurposeId = "thaw";

    public string Id => PurposeId;

    public bool Thaws => true;

    public ChallengeRules Rules(UserView user) => ChallengeRules.Of(user.Regime);

    public Statement Say(JsonElement subject, CultureInfo language) =>
        new(string.Format(language, TextOf<FreezingText>.In(language, "statement"), site.Value.Name), [new StatementDetail("since", Read(subject).FrozenAt.ToString("O", CultureInfo.InvariantCulture))]);

    public Error? Refuses(DeviceView device, KindTraits kind, JsonElement subject)
    {
        var thaw = Read(subject);
        return !WasTrusted(device.TrustedAt, thaw.FrozenAt) ? FreezingErrors.DeviceTooNew
            : kind.Strength < thaw.Strongest ? ChallengeErrors.NotStrongest
            : null;
    }

    public async Task<Outcome> CompleteAsync(ChallengeView approved, DeviceView device, CountersignDbContext db, CancellationToken ct)
    {
        var since = Read(approved.Subject).FrozenAt;
        if (await db.Set<User>().Where(u => u.Id == approved.User.Id && u.FrozenAt == since)
            .ExecuteUpdateAsync(set => set.SetProperty(u => u.FrozenAt, (DateTimeOffset?)null).SetProperty(u => u.MustChangePassword, true), ct) == 0)
        {
            return new Outcome(null, FreezingErrors.NotFrozen);
        }

        audit.Add(
            db, AuditEvents.Thawed, approved.User.Id, Actor.Client(approved.User.Id, approved.Source),
            ("challenge", approved.Id), ("device", device.Id), ("kind", device.Kind));
        await notices.TellAsync(db, approved.User, Notice.AccessThawed, except: null, ct);
        return new Outcome(null);
    }

    public static bool WasTrusted(DateTimeOffset? trustedAt, DateTimeOffset frozenAt) => trustedAt <= frozenAt;

    private static ThawSubject Read(JsonElement subject) => subject.Deserialize(FreezingJson.Default.ThawSubject)!;
}
