using System.Globalization;
using System.Text.Json;
using Countersign.Server.Data;
using Countersign.Server.Features.Access.Sessions;
using Countersign.Server.Features.Confirming.Challenges;
using Countersign.Server.Features.Ground.Audit;
using Countersign.Server.Features.Kinds.Passkeys;
using Countersign.Server.Features.Kinds.Passkeys.Alone;
using Countersign.Server.Features.Registry.Users;
using Countersign.Server.Http;

namespace Countersign.Server.Features.SigningIn.SignIn;

/// <summary>
/// Sign-in by a passkey alone, which is two factors in one. The passkey says who it is; from there on it is an ordinary challenge
/// of that user on that device, opened and answered in one unit, so that each rule of the engine holds.
/// </summary>
internal sealed class PasskeySignIn(
    IWriter writer, PasskeyCeremonies ceremonies, ChallengePrompting prompting, ChallengeSpending spending, UserViews users, KnownBrowsers browsers, Openers openers, AuditTrail audit)
{
    public Task<Result<BegunCeremony>> BeginAsync(HttpContext http, CancellationToken ct) => ceremonies.BeginAsync(openers.Get(http, knownSince: null), ct);

    public async Task<Result<SessionToken>> RunAsync(HttpContext http, Guid ceremony, string response, CultureInfo language, CancellationToken ct)
    {
        var stranger = openers.Get(http, knownSince: null);
        var looked = await ceremonies.LookAsync(ceremony, stranger, response, ct);
        var opener = stranger with { KnownSince = looked.UserId is { } userId ? browsers.Find(http, userId)?.Since : null };
        var subject = JsonSerializer.SerializeToElement(new SignInSubject(BrowserLabel.Of(http.Request.Headers.UserAgent)), SignInJson.Default.SignInSubject);

        // The ceremony is spent whether or not the browser still listens.
        return await writer.RunAsync(
            async (db, token) =>
            {
                var spent = await ceremonies.SpendAsync(db, ceremony, opener, token);
                return looked.Right is not { } right ? Refuse(db, looked.UserId, opener, looked.Reason!, looked.Refusal!)
                    : !spent ? Refuse(db, looked.UserId, opener, "ceremony", PasskeyErrors.NotAlone)
                    : await AnswerAsync(db, right, subject, language, opener, token);
            },
            CancellationToken.None);
    }

    private async Task<Result<SessionToken>> AnswerAsync(CountersignDbContext db, AlonePasskey right, JsonElement subject, CultureInfo language, Opener opener, CancellationToken ct)
    {
        var user = (await users.FindAsync(db, right.Device.UserId, ct))!;
        var begun = await prompting.BeginAdoptedAsync(db, user, SignInPurpose.PurposeId, subject, language, opener, right.Device.Id, right.Prompt, ct);
        if (!begun.Succeeded)
        {
            return Refuse(db, user.Id, opener, begun.Error.Code, begun.Error.Kind == ErrorKind.Throttled ? begun.Error : PasskeyErrors.NotAlone);
        }

        var adopted = await spending.AdoptAsync(db, begun.Value, opener, right.Device, right.Verdict, ct);
        if (!adopted.Succeeded)
        {
            return Refuse(db, user.Id, opener, adopted.Error.Code, PasskeyErrors.NotAlone);
        }

        if (await spending.SpendAsync(db, adopted.Value, opener, ct) is not Answered.Completed { Value: SessionToken session })
        {
            // The engine has said why, and counted it.
            return PasskeyErrors.NotAlone;
        }

        audit.Add(
            db, AuditEvents.PasskeyAlone, user.Id, Actor.Client(user.Id, opener.Source),
            ("challenge", begun.Value.Id), ("device", right.Device.Id));
        return session;
    }

    private Error Refuse(CountersignDbContext db, Guid? userId, Opener opener, string reason, Error error)
    {
        audit.Add(db, AuditEvents.PasskeyRefused, userId, Actor.Client(userId, opener.Source), ("reason", reason));
        return error;
    }
}
