using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Countersign.Protocol.Statements;
using Countersign.Server.Data;
using Countersign.Server.Features.Access.Sessions;
using Countersign.Server.Features.Confirming.Challenges;
using Countersign.Server.Features.Messaging.Messages;
using Countersign.Server.Features.Messaging.Notices;
using Countersign.Server.Features.Registry.Users;
using Countersign.Server.Http;
using Microsoft.Extensions.Options;

namespace Countersign.Server.Features.SigningIn.SignIn;

/// <summary>What a sign-in is about.</summary>
internal sealed record SignInSubject(string Browser);

[JsonSerializable(typeof(SignInSubject))]
internal sealed partial class SignInJson : JsonSerializerContext;

/// <summary>Something you have, after something you know (S34). What it yields is a session.</summary>
internal sealed class SignInPurpose(NewSession newSession, KindCatalog kinds, NoticeBoard notices, IOptions<SiteOptions> site) : IPurpose
{
    public const string PurposeId = "sign-in";

    public string Id => PurposeId;

    public ChallengeRules Rules(UserView user) => ChallengeRules.Of(user.Regime);

    public Statement Say(JsonElement subject, CultureInfo language) =>
        new(string.Format(language, TextOf<SignInText>.In(language, "statement"), site.Value.Name), [new StatementDetail("site", site.Value.Host)]);

    public Error? Refuses(DeviceView device, KindTraits kind, JsonElement subject) => null;

    public async Task<Outcome> CompleteAsync(ChallengeView approved, DeviceView device, CountersignDbContext db, CancellationToken ct)
    {
        var browser = approved.Subject.Deserialize(SignInJson.Default.SignInSubject)!.Browser;
        var proof = new SignInProof(approved.Id, device.Id, device.Kind, device.TrustedAt);
        var token = newSession.Add(db, approved.User, proof, approved.Source, browser);
        if (!approved.KnownBrowser)
        {
            // Where the code came in a message, the phone is the channel in use; whoever holds it must not be the only one told.
            MessageChannel? inUse = kinds.Find(device.Kind)?.Traits.CostsMessage == true ? MessageChannel.Sms : null;
            await notices.TellAsync(db, approved.User, Notice.NewBrowser, inUse, ct, browser, approved.Source);
        }

        return new Outcome(token);
    }
}
