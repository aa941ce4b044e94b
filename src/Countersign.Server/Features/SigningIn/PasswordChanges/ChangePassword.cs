using System.Globalization;
using Countersign.Server.Data;
using Countersign.Server.Features.Access.Passwords;
using Countersign.Server.Features.Access.Sessions;
using Countersign.Server.Features.Confirming.Challenges;
using Countersign.Server.Features.Ground.Rations;
using Countersign.Server.Features.Registry.Users;
using Microsoft.EntityFrameworkCore;

namespace Countersign.Server.Features.SigningIn.PasswordChanges;

/// <summary>Asks for a device to confirm a new password. Nothing changes before it has answered.</summary>
internal sealed class ChangePassword(
    Contexts contexts, IWriter writer, PasswordQueue passwords, WantedPasswords wantedPasswords, Rationing rationing,
    OpenPasswordChange open)
{
    /// <summary>Wrong current passwords in a session: a session left open must not become a place to guess in.</summary>
    private static readonly RationRule Guesses = new(5, TimeSpan.FromHours(1));

    /// <summary>The ration of a session's guesses.</summary>
    public static string RationOf(SessionView session) => $"password/session/{session.Id:N}";

    public async Task<Result<ChallengeHandle>> RunAsync(
        SessionView session, Opener opener, string current, string wanted, CultureInfo language, CancellationToken ct)
    {
        if (wantedPasswords.Refuses(wanted, session.User.Name) is { } refused)
        {
            return refused;
        }

        if (PasswordRules.Normalise(current) == PasswordRules.Normalise(wanted))
        {
            return PasswordErrors.SameAsCurrent;
        }

        if (!await writer.RunAsync(
            (db, token) => rationing.TakeAsync(db, session.User.Id, RationOf(session), Guesses), ct))
        {
            return PasswordErrors.TooMany with { RetryAfter = Guesses.Window };
        }

        string? stored;
        await using (var db = contexts.Read())
        {
            stored = await db.Set<User>().Where(u => u.Id == session.User.Id).Select(u => u.PasswordHash).SingleAsync(ct);
        }

        var asker = new Asker(opener.Source, Known: true);
        if (await passwords.CheckAsync(asker, current, stored) is not { } isRight)
        {
            return await OverloadedAsync(session, ct);
        }

        if (!isRight)
        {
            return PasswordErrors.CurrentWrong;
        }

        if (await passwords.MakeAsync(asker, wanted) is not { } hash)
        {
            return await OverloadedAsync(session, ct);
        }

        var subject = new PasswordChangeSubject(hash, stored!, session.Id);
        return await writer.RunAsync((db, token) => open.RunAsync(db, session, subject, opener, language, token), ct);
    }

    /// <summary>No guess: it is not charged.</summary>
    private async Task<Error> OverloadedAsync(SessionView session, CancellationToken ct)
    {
        await writer.RunAsync((db, token) => Rationing.ReturnAsync(db, session.User.Id, RationOf(session)), ct);
        return PasswordErrors.Overloaded;
    }
}

/// <summary>Opens the challenge by which a device confirms a new password.</summary>
internal sealed class OpenPasswordChange(ChallengeOpening opening, PasswordChangePurpose purpose)
{
    public async Task<Result<ChallengeHandle>> RunAsync(
        CountersignDbContext db, SessionView session, PasswordChangeSubject subject, Opener opener, CultureInfo language,
        CancellationToken ct)
    {
        await Rationing.ClearAsync(db, session.User.Id, ChangePassword.RationOf(session));
        return await opening.BeginAsync(db, purpose.For(session.User, subject, language, opener), ct);
    }
}
