using System.Globalization;
using Countersign.Server.Data;
using Countersign.Server.Features.Access.Freezing;
using Countersign.Server.Features.Access.Sessions;
using Countersign.Server.Features.Confirming.Challenges;
using Countersign.Server.Features.Confirming.Devices;
using Countersign.Server.Features.Ground.Audit;
using Countersign.Server.Features.Kinds.TextMessages;
using Countersign.Server.Features.Registry.Accounts;
using Countersign.Server.Features.Registry.PhoneNumbers;
using Countersign.Server.Features.Registry.Users;
using Countersign.Server.Features.SigningIn.Thaw;
using Microsoft.EntityFrameworkCore;

namespace Countersign.Server.Features.SigningIn.SignIn;

/// <summary>A password that was looked at and was right.</summary>
/// <param name="User">As it was then.</param>
/// <param name="FreshHash">A new hash, where the one on record is out of date.</param>
/// <param name="Browser">Id of the browser that is known to the user; null where it is not.</param>
internal sealed record LookedPassword(User User, UserName Name, string? FreshHash, string? Browser);

/// <summary>Goes on after a right password: to a device, to the account application, or to the way back of a frozen user.</summary>
internal sealed class RightPassword(
    PasswordRations rations, BeginSignIn signIn, BeginThaw thaw, WithoutDevice without, UserViews users, AuditTrail audit)
{
    /// <summary>The user, unless the password was set anew.</summary>
    private static readonly SqlQuery<User> StillThere =
        SqlQuery.Of<User>("WHERE r.id = $1 AND r.password_set_at IS NOT DISTINCT FROM $2");

    public async Task<Result<AfterPassword>> RunAsync(
        CountersignDbContext db, LookedPassword looked, Opener opener, string browser, CultureInfo language, CancellationToken ct)
    {
        // While the password was looked at, the user may have been frozen, or the password changed.
        if (await db.ReadOneAsync(StillThere, [looked.User.Id, looked.User.PasswordSetAt?.ToUnixMicroseconds()], ct) is not { } user)
        {
            return SignInErrors.Wrong;
        }

        await rations.ClearAsync(db, looked.Name, opener.Source, looked.Browser);
        if (looked.FreshHash is not null)
        {
            await db.Set<User>().Where(u => u.Id == user.Id && u.PasswordHash == looked.User.PasswordHash)
                .ExecuteUpdateAsync(set => set.SetProperty(u => u.PasswordHash, looked.FreshHash), ct);
        }

        audit.Add(db, AuditEvents.PasswordRight, user.Id, opener.ActsFor(user.Id), ("browser", browser));
        var view = users.Of(user);
        var frozen = view.FrozenAt is not null;
        var begun = frozen
            ? await thaw.RunAsync(db, view, opener, language, ct)
            : await signIn.RunAsync(db, view, browser, opener, language, ct);
        if (begun.Succeeded)
        {
            return frozen ? new AfterPassword.Frozen(begun.Value) : new AfterPassword.Device(begun.Value);
        }

        if (!frozen && begun.Error == ChallengeErrors.NoDevice && await WithoutDevice.MayApplyAsync(db, user.Id, ct))
        {
            return new AfterPassword.AccountOpening(await without.BeginAsync(db, view, opener, browser, ct));
        }

        // No answer is possible: none is left, none opens, or none is old enough to thaw.
        if (begun.Error == ChallengeErrors.NoDevice || begun.Error == ChallengeErrors.NoneAnswers
            || begun.Error == FreezingErrors.NoOldDevice)
        {
            audit.Add(db, AuditEvents.NoDevice, user.Id, opener.ActsFor(user.Id));
        }

        return begun.Error;
    }
}

/// <summary>Asks a user who has shown the password for a device.</summary>
internal sealed class BeginSignIn(ChallengeOpening opening, SignInPurpose purpose, AutomaticEnrolment enrolment)
{
    public async Task<Result<ChallengeHandle>> RunAsync(
        CountersignDbContext db, UserView user, string browser, Opener opener, CultureInfo language, CancellationToken ct)
    {
        var request = purpose.For(user, new SignInSubject(browser), language, opener);
        var begun = await opening.BeginAsync(db, request, ct);

        // A number may have been verified a moment ago, and the job that enrols its owner has not run yet.
        return begun.Error == ChallengeErrors.NoDevice && await enrolment.EnrolNowAsync(db, user.Id, ct)
            ? await opening.BeginAsync(db, request, ct)
            : begun;
    }
}

/// <summary>
/// D1: who never had a device, and has no verified number and no money yet, may finish the account application; everybody else needs
/// client services. A device that was lost, rests or is used up does not open this way to whoever has the password.
/// </summary>
internal sealed class WithoutDevice(NewSession sessions)
{
    public static async Task<bool> MayApplyAsync(CountersignDbContext db, Guid userId, CancellationToken ct) =>
        !await DeviceViews.EverActivatedAsync(db, userId, ct)
        && !await db.VerifiedNumbersOf(userId).AnyAsync(ct)
        && !await AccountViews.IsFundedAsync(db, userId, ct);

    public Task<SessionToken> BeginAsync(
        CountersignDbContext db, UserView user, Opener opener, string browser, CancellationToken ct) =>
        sessions.AddForAccountOpeningAsync(db, user, new Beginning(opener.ActsFor(user.Id), browser, opener.Session), ct);
}
