using System.Globalization;
using Countersign.Server.Data;
using Countersign.Server.Features.Access.Passwords;
using Countersign.Server.Features.Access.Sessions;
using Countersign.Server.Features.Confirming.Challenges;
using Countersign.Server.Features.Registry.Users;

namespace Countersign.Server.Features.SigningIn.SignIn;

/// <summary>What follows a right password.</summary>
internal abstract record AfterPassword
{
    /// <summary>A device has to confirm.</summary>
    internal sealed record Device(ChallengeHandle Challenge) : AfterPassword;

    /// <summary>The user is frozen: a device has to open the access again.</summary>
    internal sealed record Frozen(ChallengeHandle Challenge) : AfterPassword;

    /// <summary>There is none yet: a session that reaches only the account application.</summary>
    internal sealed record AccountOpening(SessionToken Token) : AfterPassword;
}

/// <summary>Where a sign-in comes from.</summary>
/// <param name="Opener">Who asks; of whom it is known is not said yet.</param>
/// <param name="Remembered">What the browser remembers; null where nothing is.</param>
/// <param name="Label">Browser and system in words.</param>
internal sealed record SignInFrom(Opener Opener, KnownBrowser? Remembered, string Label)
{
    /// <summary>The opener, once it is known who wants to sign in.</summary>
    public Opener OpenerFor(Guid? userId) => Opener with { KnownSince = userId is { } id ? Remembered?.Since(id) : null };
}

/// <summary>
/// The first factor. The try is charged before the password is looked at; a name that belongs to nobody costs the same hash
/// through the same queue, the same statements, and gets the same answer (D19).
/// </summary>
internal sealed class CheckPassword(
    NamedUsers names, IWriter writer, PasswordQueue passwords, PasswordHash hashes, PasswordRations rations, RightPassword right,
    PasswordRecord record)
{
    public async Task<Result<AfterPassword>> RunAsync(
        SignInFrom from, string typedName, string password, CultureInfo language, CancellationToken ct)
    {
        // A name that can belong to nobody is counted and hashed like any other.
        var name = UserName.TryParse(typedName, out var parsed) ? parsed : default;
        var found = await names.FindAsync(name, ct);
        var opener = from.OpenerFor(found.User?.Id);
        var browser = found.View is { } view && opener.IsKnownTo(view) ? from.Remembered?.Browser : null;
        if (!await writer.RunAsync((db, _) => rations.TakeAsync(db, name, opener.Source, browser, found.Regime), ct))
        {
            await writer.RunAsync((db, _) => record.LockedAsync(db, found, opener.Source), ct);
            return SignInErrors.Locked with { RetryAfter = found.Regime.WrongPasswordWindow };
        }

        var asker = new Asker(opener.Source, Known: browser is not null);
        if (await passwords.CheckAsync(asker, password, found.User?.PasswordHash) is not { } isRight)
        {
            // Nobody looked at the password: it was no wrong one.
            await writer.RunAsync((db, _) => rations.ReturnAsync(db, name, opener.Source, browser), ct);
            return PasswordErrors.Overloaded;
        }

        if (!isRight || found.User is not { } user)
        {
            await writer.RunAsync((db, token) => record.WrongAsync(db, found, opener.Source, token), ct);
            return SignInErrors.Wrong;
        }

        var fresh = hashes.IsDated(user.PasswordHash!) ? await passwords.MakeAsync(asker, password) : null;
        return await writer.RunAsync(
            (db, token) => right.RunAsync(db, new LookedPassword(user, name, fresh, browser), opener, from.Label, language, token), ct);
    }
}
