using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Countersign.Protocol.Statements;
using Countersign.Server.Data;
using Countersign.Server.Features.Access.Sessions;
using Countersign.Server.Features.Confirming.Challenges;
using Countersign.Server.Features.Registry.Users;
using Countersign.Server.Http;
using Microsoft.Extensions.Options;

namespace Countersign.Server.Features.SigningIn.SignIn;

/// <summary>What a sign-in is about.</summary>
internal sealed record SignInSubject(string Browser);

[JsonSerializable(typeof(SignInSubject))]
internal sealed partial class SignInJson : JsonSerializerContext;

/// <summary>Something you have, after something you know (S34). What it yields is a session.</summary>
internal sealed class SignInPurpose(NewSession newSession, IOptions<SiteOptions> site) : IPurpose
{
    public const string PurposeId = "sign-in";

    public string Id => PurposeId;

    public ChallengeRules Rules(UserView user) => ChallengeRules.Of(user.Regime);

    public Statement Say(JsonElement subject, CultureInfo language) =>
        new(string.Format(language, TextOf<SignInText>.In(language, "statement"), site.Value.Name), [new StatementDetail("site", site.Value.Host)]);

    public Error? Refuses(DeviceView device, KindTraits kind, JsonElement subject) => null;

    public Task<Outcome> CompleteAsync(ChallengeView approved, DeviceView device, CountersignDbContext db, CancellationToken ct)
    {
        var subject = approved.Subject.Deserialize(SignInJson.Default.SignInSubject)!;
        return newSession.AddAsync(db, approved, device, subject.Browser, ct);
    }
}
