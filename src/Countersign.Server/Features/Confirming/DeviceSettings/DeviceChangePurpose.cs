using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Countersign.Protocol.Statements;
using Countersign.Server.Data;
using Countersign.Server.Features.Confirming.Challenges;
using Countersign.Server.Features.Confirming.Devices;
using Countersign.Server.Features.Confirming.Devices.Tiers;
using Countersign.Server.Features.Ground.Audit;
using Countersign.Server.Features.Registry.PhoneNumbers;
using Countersign.Server.Features.Registry.Users;
using Countersign.Server.Http;

namespace Countersign.Server.Features.Confirming.DeviceSettings;

/// <summary>What a client wants with a device.</summary>
internal enum DeviceChange
{
    Add,
    Suspend,
    Resume,
    Lost,
    Remove,
}

/// <summary>A change of devices that waits for a device to agree.</summary>
/// <param name="DeviceId">The device that changes; null for one that is added.</param>
/// <param name="Label">Its name, as the client typed it.</param>
/// <param name="Typed">What the kind asked for, such as a serial number.</param>
/// <param name="Strongest">Strength of the strongest device that is, or a moment ago was, the client's.</param>
/// <param name="Session">The session in which it is asked for.</param>
/// <param name="TooNew">Devices that may not agree: the numbers behind them were verified a moment ago (D1).</param>
/// <param name="Trusted">Whether the device that changes has its trust age behind it.</param>
internal sealed record DeviceChangeSubject(DeviceChange Change, Guid? DeviceId, string Kind, string Label, string? Typed, Guid Session, int Strongest, IReadOnlyList<string> TooNew, bool Trusted);

[JsonSerializable(typeof(DeviceChangeSubject))]
[JsonSerializable(typeof(DeviceActivationSubject))]
internal sealed partial class DevicesJson : JsonSerializerContext;

/// <summary>A change of devices, agreed to with a device (D1): whoever has only the password adds and removes none.</summary>
internal sealed class DeviceChangePurpose(KindCatalog kinds, DeviceTiers tiers, AddDevice add, EndDevice end, SettledNumbers settled, AuditTrail audit) : IPurpose
{
    public const string PurposeId = "device-change";

    public string Id => PurposeId;

    public ChallengeRules Rules(UserView user) => ChallengeRules.Of(user.Regime);

    public Statement Say(JsonElement subject, CultureInfo language)
    {
        var change = Read(subject);
        var text = TextOf<DeviceText>.In(language, "statement." + JsonNamingPolicy.CamelCase.ConvertName(change.Change.ToString()));
        return new(
            string.Format(language, text, kinds.Name(change.Kind, language), change.Label),
            [
                new StatementDetail("change", change.Change.ToString()), new StatementDetail("kind", change.Kind), new StatementDetail("label", change.Label),
                new StatementDetail("device", change.DeviceId?.ToString("N") ?? string.Empty), new StatementDetail("typed", change.Typed ?? string.Empty),
            ]);
    }

    /// <summary>
    /// Adding and removing take the strongest device. Reporting a loss takes any other one: what is lost cannot agree, and what
    /// is added afterwards has no more power than what confirmed it (D2).
    /// </summary>
    public Error? Refuses(DeviceView device, KindTraits kind, JsonElement subject)
    {
        var change = Read(subject);
        if (change.Change is DeviceChange.Suspend or DeviceChange.Lost && device.Id == change.DeviceId)
        {
            return DeviceErrors.ItsOwn;
        }

        // What a thief added a moment ago must not end what the client has had for long.
        if (change is { Trusted: true, Change: DeviceChange.Suspend or DeviceChange.Lost or DeviceChange.Remove } && !tiers.IsTrusted(device))
        {
            return DeviceErrors.TooNew;
        }

        return change.Change is DeviceChange.Add or DeviceChange.Remove && kind.Strength < change.Strongest
            ? ChallengeErrors.NotStrongest
            : settled.Refuses(device, kind, change.TooNew);
    }

    /// <returns>The device that waits to be activated, where one was added.</returns>
    public async Task<Outcome> CompleteAsync(ChallengeView approved, DeviceView device, CountersignDbContext db, CancellationToken ct)
    {
        var change = Read(approved.Subject);
        audit.Add(
            db, AuditEvents.DeviceChangeAgreed, approved.User.Id, Actor.Client(approved.User.Id, approved.Source),
            ("challenge", approved.Id), ("device", device.Id), ("change", change.Change), ("kind", change.Kind), ("changed", change.DeviceId));
        return change.Change == DeviceChange.Add
            ? await add.CompleteAsync(db, approved, change, device, ct)
            : await end.CompleteAsync(db, approved, change, device, ct);
    }

    public static DeviceChangeSubject Read(JsonElement subject) => subject.Deserialize(DevicesJson.Default.DeviceChangeSubject)!;
}
