using System.Globalization;
using Countersign.Server.Data;
using Countersign.Server.Features.Access.Passwords;
using Countersign.Server.Features.Access.Sessions;
using Countersign.Server.Features.Confirming.Challenges;
using Countersign.Server.Features.Kinds.EmailCodes;
using Countersign.Server.Features.Registry.Users;

namespace Countersign.Server.Features.Clients.AccountOpening;

/// <summary>
/// A new applicant's session and the challenge that confirms the e-mail address; the latter is null where no message could go.
/// </summary>
internal sealed record BegunAccountApplication(SessionToken Session, ChallengeHandle? EmailChallenge);

/// <summary>Begins an account application: its user, a session that reaches only it, and the code that confirms the address.</summary>
internal sealed class BeginAccountApplication(
    IWriter writer, PasswordQueue passwords, WantedPasswords wanted, Applicants applicants, ConfirmEmail confirmEmail, NewSession sessions)
{
    public async Task<Result<BegunAccountApplication>> RunAsync(
        Opener opener, string browser, string? email, string? typedLetters, string? password, CultureInfo language, CancellationToken ct)
    {
        if (!EmailAddress.TryParse(email, out var address))
        {
            return AccountApplicationErrors.Email;
        }

        var letters = Applicants.Letters(typedLetters);
        if (!letters.Succeeded)
        {
            return letters.Error;
        }

        if (wanted.Refuses(password ?? string.Empty, letters.Value) is { } refused)
        {
            return refused;
        }

        // Charged before the hash is made: it is what a stranger could make us pay for.
        if (await writer.RunAsync((db, _) => applicants.ChargeAsync(db, opener.Source), ct) is { } tooMany)
        {
            return tooMany;
        }

        if (await passwords.MakeAsync(new Asker(opener.Source, Known: false), password!) is not { } hash)
        {
            return PasswordErrors.Overloaded;
        }

        return await writer.RunAsync((db, token) => AddAsync(db, opener, browser, address, letters.Value, hash, language, token), ct);
    }

    private async Task<Result<BegunAccountApplication>> AddAsync(
        CountersignDbContext db, Opener opener, string browser, EmailAddress email, string letters, string hash, CultureInfo language,
        CancellationToken ct)
    {
        var user = await applicants.AddAsync(db, email, letters, hash, language, opener.Source, ct);
        var begins = new Beginning(opener.ActsFor(user.Id), browser, opener.Session);
        var session = await sessions.AddForAccountOpeningAsync(db, user, begins, ct);
        await db.SaveChangesAsync(ct);

        // It belongs to the session that begins with it (D32).
        var inSession = opener with { Session = new BrowserSession(user.Id, session.SessionId) };
        var challenge = await confirmEmail.BeginAsync(db, user, inSession, language, ct);
        return new BegunAccountApplication(session, challenge.Succeeded ? challenge.Value : null);
    }
}
