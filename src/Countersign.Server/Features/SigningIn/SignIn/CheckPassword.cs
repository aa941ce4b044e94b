using System.Globalization;
using System.Text.Json;
using Countersign.Server.Data;
using Countersign.Server.Features.Access.Passwords;
using Countersign.Server.Features.Access.Sessions;
using Countersign.Server.Features.Confirming.Challenges;
using Countersign.Server.Features.Ground.Audit;
using Countersign.Server.Features.Ground.Jurisdictions;
using Countersign.Server.Features.Kinds.TextMessages;
using Countersign.Server.Features.Registry.Accounts;
using Countersign.Server.Features.Registry.PhoneNumbers;
using Countersign.Server.Features.Registry.Users;
using Countersign.Server.Features.SigningIn.Thaw;
using Countersign.Server.Http;
using Microsoft.EntityFrameworkCore;

namespace Countersign.Server.Features.SigningIn.SignIn;

/// <summary>What follows a right password.</summary>
internal abstract record AfterPassword
{
    /// <summary>A device has to confirm.</summary>
    internal sealed record Device(ChallengeHandle Challenge) : AfterPassword;

    /// <summary>The user is frozen: a device has to open the access again.</summary>
    internal sealed record Frozen(ChallengeHandle Challenge) : AfterPassword;

    /// <summary>There is none yet: a session that reaches only the account application.</summary>
    internal sealed record Application(SessionToken Token) : AfterPassword;
}

/// <summary>
/// The first factor. The try is charged before the password is looked at; a name that belongs to nobody costs the same hash
/// through the same queue, the same statements, and gets the same answer (D19).
/// </summary>
internal sealed class CheckPassword(
    Contexts contexts, IWriter writer, PasswordQueue passwords, PasswordHash hashes, PasswordRations rations, ChallengePrompting prompting, BeginThaw thawing,
    UserViews users, AutomaticEnrolment enrolment, NewSession sessions, RegimeBook regimes, KnownBrowsers browsers, Openers openers, AuditTrail audit)
{
    public async Task<Result<AfterPassword>> RunAsync(HttpContext http, string typedName, string password, CultureInfo language, CancellationToken ct)
    {
        // A name that can belong to nobody is counted and hashed like any other.
        var name = UserName.TryParse(typedName, out var parsed) ? parsed : default;
        var user = await FindAsync(name, ct);
        var found = user is null ? null : browsers.Find(http, user.Id);
        var opener = openers.Get(http, found?.Since);
        var view = user is null ? null : users.Of(user);
        var browser = view is not null && opener.IsKnownTo(view) ? found?.Browser : null;
        var regime = view?.Regime ?? regimes.Default;
        if (!await writer.RunAsync((db, token) => rations.TakeAsync(db, name, opener.Source, browser, regime, token), ct))
        {
            await writer.RunAsync((db, _) => Note(db, AuditEvents.PasswordLocked, user?.Id, opener.Source), ct);
            return SignInErrors.Locked with { RetryAfter = regime.WrongPasswordWindow };
        }

        if (passwords.TryCheck(password, user?.PasswordHash) is not { } check)
        {
            // Nobody looked at the password: it was no wrong one.
            await writer.RunAsync((db, token) => rations.ReturnAsync(db, name, opener.Source, browser, token), ct);
            return PasswordErrors.Overloaded;
        }

        if (!await check || user is null)
        {
            await writer.RunAsync((db, _) => Note(db, AuditEvents.PasswordWrong, user?.Id, opener.Source), ct);
            return SignInErrors.Wrong;
        }

        var fresh = hashes.IsDated(user.PasswordHash!) && passwords.TryMake(password) is { } make ? await make : null;
        var label = BrowserLabel.Of(http.Request.Headers.UserAgent);
        return await writer.RunAsync((db, token) => RightAsync(db, user, name, fresh, opener, browser, label, language, token), ct);
    }

    private async Task<Result<AfterPassword>> RightAsync(
        CountersignDbContext db, User looked, UserName name, string? freshHash, Opener opener, string? browser, string label, CultureInfo language, CancellationToken ct)
    {
        // While the password was looked at, the user may have been frozen, or the password changed.
        if (await db.Set<User>().AsNoTracking().SingleOrDefaultAsync(u => u.Id == looked.Id && u.PasswordSetAt == looked.PasswordSetAt, ct) is not { } user)
        {
            return SignInErrors.Wrong;
        }

        await rations.ClearAsync(db, name, opener.Source, browser, ct);
        if (freshHash is not null)
        {
            await db.Set<User>().Where(u => u.Id == user.Id && u.PasswordHash == looked.PasswordHash)
                .ExecuteUpdateAsync(set => set.SetProperty(u => u.PasswordHash, freshHash), ct);
        }

        audit.Add(db, AuditEvents.PasswordRight, user.Id, Actor.Client(user.Id, opener.Source), ("browser", label));
        var subject = JsonSerializer.SerializeToElement(new SignInSubject(label), SignInJson.Default.SignInSubject);
        var view = users.Of(user);
        if (view.FrozenAt is not null)
        {
            var thaw = await thawing.RunAsync(db, view, opener, language, ct);
            return thaw.Succeeded ? new AfterPassword.Frozen(thaw.Value) : thaw.Error;
        }

        var begun = await prompting.BeginAsync(db, view, SignInPurpose.PurposeId, subject, language, opener, ct);
        if (begun.Error == ChallengeErrors.NoDevice && await enrolment.EnrolNowAsync(db, user.Id, ct))
        {
            // A number was verified a moment ago, and the job that enrols its owner has not run yet.
            begun = await prompting.BeginAsync(db, view, SignInPurpose.PurposeId, subject, language, opener, ct);
        }

        return begun.Succeeded ? new AfterPassword.Device(begun.Value)
            : begun.Error == ChallengeErrors.NoDevice ? await WithoutDeviceAsync(db, view, opener.Source, label, ct)
            : begun.Error;
    }

    /// <summary>D1: who has no device, no verified number and no money yet may finish the account application; everybody else needs client services.</summary>
    private async Task<Result<AfterPassword>> WithoutDeviceAsync(CountersignDbContext db, UserView user, string source, string label, CancellationToken ct)
    {
        if (await db.VerifiedNumbersOf(user.Id).AnyAsync(ct) || await AccountViews.IsFundedAsync(db, user.Id, ct))
        {
            audit.Add(db, AuditEvents.NoDevice, user.Id, Actor.Client(user.Id, source));
            return ChallengeErrors.NoDevice;
        }

        return new AfterPassword.Application(sessions.AddForApplication(db, user, source, label));
    }

    private async Task<User?> FindAsync(UserName name, CancellationToken ct)
    {
        await using var db = contexts.Read();
        var value = name.Value ?? string.Empty;
        return await db.Set<User>().SingleOrDefaultAsync(u => u.NormalisedName == value, ct);
    }

    private Task Note(CountersignDbContext db, string what, Guid? userId, string source)
    {
        audit.Add(db, what, userId, Actor.Client(userId, source));
        return Task.CompletedTask;
    }
}
