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
    NewSession newSession, DeviceNotices devices, NoticeBoard notices, IOptions<SiteOptions> site) : Purpose<SignInSubject, SessionToken>
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
        var token = newSession.Add(
            db, user, new SignInProof(approved.ChallengeId, device.Id, device.Kind, device.TrustedAt), approved.By, browser);
        if (!approved.KnownBrowser)
        {
            // Where the code came in a message, the phone is the channel in use; whoever holds it must not be the only one told.
            await notices.TellAsync(
                db, user, Notice.NewBrowser, devices.InUse(device.Kind), ct, browser, approved.By.Source ?? string.Empty);
        }

        return token;
    }
}
