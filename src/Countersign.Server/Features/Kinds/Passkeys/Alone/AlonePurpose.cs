using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Countersign.Protocol.Statements;
using Countersign.Server.Data;
using Countersign.Server.Features.Confirming.Challenges;
using Countersign.Server.Features.Registry.Users;
using Countersign.Server.Http;

namespace Countersign.Server.Features.Kinds.Passkeys.Alone;

/// <summary>The passkey that is to sign in alone.</summary>
internal sealed record AloneSubject(Guid DeviceId, string Label);

[JsonSerializable(typeof(AloneSubject))]
internal sealed partial class AloneJson : JsonSerializerContext;

/// <summary>A client lets a passkey sign in without user name and password. The passkey itself has to agree.</summary>
internal sealed class AlonePurpose(AloneSwitch alone) : IPurpose
{
    public const string PurposeId = "passkey-alone";

    public string Id => PurposeId;

    public ChallengeRules Rules(UserView user) => ChallengeRules.Of(user.Regime);

    public Statement Say(JsonElement subject, CultureInfo language)
    {
        var passkey = Read(subject);
        return new(string.Format(language, TextOf<PasskeyText>.In(language, "alone.statement"), passkey.Label), [new StatementDetail("device", passkey.DeviceId.ToString("N"))]);
    }

    public Error? Refuses(DeviceView device, KindTraits kind, JsonElement subject) => device.Id == Read(subject).DeviceId ? null : ChallengeErrors.DeviceUnavailable;

    public async Task<Outcome> CompleteAsync(ChallengeView approved, DeviceView device, CountersignDbContext db, CancellationToken ct) =>
        await alone.TurnOnAsync(db, approved, Read(approved.Subject), ct) is { } refusal ? new Outcome(null, refusal) : new Outcome(device.Id);

    public static AloneSubject Read(JsonElement subject) => subject.Deserialize(AloneJson.Default.AloneSubject)!;
}
