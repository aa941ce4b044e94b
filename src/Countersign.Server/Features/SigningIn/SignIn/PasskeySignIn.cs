using System.Globalization;
using Countersign.Server.Data;
using Countersign.Server.Features.Access.Sessions;
using Countersign.Server.Features.Confirming.Challenges;
using Countersign.Server.Features.Ground.Audit;
using Countersign.Server.Features.Kinds.Passkeys;
using Countersign.Server.Features.Kinds.Passkeys.Alone;
using Countersign.Server.Features.Registry.Users;

namespace Countersign.Server.Features.SigningIn.SignIn;

/// <summary>
/// Sign-in by a passkey alone, which is two factors in one. The passkey says who it is; from there on it is an ordinary challenge
/// of that user on that device, opened and answered in one unit, so that each rule of the engine holds.
/// </summary>
internal sealed class PasskeySignIn(IWriter writer, PasskeyCeremonies ceremonies, LookAtPasskey look, AnswerWithPasskey answer)
{
    public Task<Result<BegunCeremony>> BeginAsync(SignInFrom from, CancellationToken ct) => ceremonies.BeginAsync(from.Opener, ct);

    public async Task<Result<SessionToken>> RunAsync(
        SignInFrom from, Guid ceremony, string response, CultureInfo language, CancellationToken ct)
    {
        var looked = await look.RunAsync(ceremony, from.Opener, response, ct);
        var opener = from.OpenerFor(looked.UserId);

        // The ceremony is spent whether or not the browser still listens.
        return await writer.RunAsync(
            async (db, token) =>
            {
                var spent = await ceremonies.SpendAsync(db, ceremony, opener, token);
                return looked.Right is not { } right ? answer.Refuse(db, looked.UserId, opener, looked.Reason!, looked.Refusal!)
                    : !spent ? answer.Refuse(db, looked.UserId, opener, "ceremony", PasskeyErrors.NotAlone)
                    : await answer.RunAsync(db, right, from.Label, language, opener, token);
            },
            CancellationToken.None);
    }
}

/// <summary>Opens and answers the challenge of a sign-in whose passkey was looked at before.</summary>
internal sealed class AnswerWithPasskey(
    ChallengeOpening opening, AnswerChallenge answer, SignInPurpose purpose, UserViews users, AuditTrail audit)
{
    public async Task<Result<SessionToken>> RunAsync(
        CountersignDbContext db, AlonePasskey right, string browser, CultureInfo language, Opener opener, CancellationToken ct)
    {
        var user = (await users.FindAsync(db, right.Device.UserId, ct))!;
        var request = purpose.For(user, new SignInSubject(browser), language, opener);
        var begun = await opening.BeginOnAsync(db, request, new AskedOf(right.Device.Credential, right.Device.Id), right.Prompt, ct);
        if (!begun.Succeeded)
        {
            return Refuse(
                db, user.Id, opener, begun.Error.Code, begun.Error.Kind == ErrorKind.Throttled ? begun.Error : PasskeyErrors.NotAlone);
        }

        var answered = await answer.AdoptAsync(db, purpose, begun.Value, opener, right.Credential, right.Verdict, ct);
        if (answered is Answered<SignInSubject, SessionToken>.Completed completed)
        {
            audit.Add(
                db, AuditEvents.PasskeyAlone, user.Id, opener.ActsFor(user.Id), ("challenge", begun.Value.Id), ("device", right.Device.Id));
            return completed.Value;
        }

        // What was looked at the engine has counted, and said why it refused.
        return answered is Answered<SignInSubject, SessionToken>.Refused { Looked: false } refused
            ? Refuse(db, user.Id, opener, refused.Error.Code, PasskeyErrors.NotAlone)
            : PasskeyErrors.NotAlone;
    }

    public Error Refuse(CountersignDbContext db, Guid? userId, Opener opener, string reason, Error error)
    {
        audit.Add(db, AuditEvents.PasskeyRefused, userId, Actor.Client(userId, opener.Source), ("reason", reason));
        return error;
    }
}
