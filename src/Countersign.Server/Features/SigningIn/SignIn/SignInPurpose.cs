using System.Globalization;
using Countersign.Protocol.Statements;
using Countersign.Server.Data;
using Countersign.Server.Features.Access.Sessions;
using Countersign.Server.Features.Confirming.Challenges;
using Countersign.Server.Features.Confirming.Devices;
using Countersign.Server.Features.Messaging.Notices;
using Countersign.Server.Http;
using Microsoft.Extensions.Options;

namespace Countersign.Server.Features.SigningIn.SignIn;

/// <summary>What a sign-in is about.</summary>
/// <param name="Browser">Browser and system in words.</param>
internal sealed record SignInSubject(string Browser);

/// <summary>Something you have, after something you know (S34). What it yields is a session.</summary>
internal sealed class SignInPurpose(
    NewSession newSession, FreshSessions fresh, DeviceNotices devices, NoticeBoard notices, IOptions<SiteOptions> site)
    : Purpose<SignInSubject, SessionToken>
{
    public override string Id => "sign-in";

    public override PurposeTraits Traits => PurposeTraits.OutsideSessions;

    public override Statement Say(SignInSubject subject, CultureInfo language) => new(
        string.Format(language, TextOf<SignInText>.In(language, "statement"), site.Value.Name),
        [new StatementDetail("site", site.Value.Host)]);

    public override async Task<Result<SessionToken>> CompleteAsync(
        Approval<SignInSubject> approved, CountersignDbContext db, CancellationToken ct)
    {
        var (user, device, browser) = (approved.User, approved.With, approved.Subject.Browser);
        var token = TokenOf(approved);
        await newSession.AddAsync(
            db, user, token, new SignInProof(approved.ChallengeId, device.Id, device.Kind, device.TrustedAt),
            new Beginning(approved.By, browser, approved.Within), ct);
        if (!approved.KnownBrowser)
        {
            // Where the code came in a message, the phone is the channel in use; whoever holds it must not be the only one told.
            await notices.TellAsync(
                db, user, Notice.NewBrowser, devices.InUse(device.Kind), ct, browser, approved.By.Source ?? string.Empty);
        }

        return token;
    }

    public override async Task<Result<SessionToken>> AgainAsync(
        Approval<SignInSubject> used, CountersignDbContext db, CancellationToken ct)
    {
        var token = TokenOf(used);
        return await fresh.IsFreshAsync(db, token, ct) ? token : ChallengeErrors.Ended;
    }

    /// <summary>The same for as long as the opener has what it opened the challenge with; nothing of it is kept but a hash.</summary>
    private static SessionToken TokenOf(Approval<SignInSubject> approved) =>
        new(approved.User.Id, approved.ResultId, approved.Secret);
}
