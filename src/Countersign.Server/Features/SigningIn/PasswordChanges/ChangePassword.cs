using System.Globalization;
using System.Text.Json;
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
    Contexts contexts, IWriter writer, PasswordQueue passwords, WantedPasswords wantedPasswords, ChallengePrompting prompting,
    Rationing rationing)
{
    /// <summary>Wrong current passwords in a session: a session left open must not become a place to guess in.</summary>
    private static readonly RationRule Guesses = new(5, TimeSpan.FromHours(1));

    public async Task<Result<ChallengeHandle>> RunAsync(SessionView session, Opener opener, string current, string wanted, CultureInfo language, CancellationToken ct)
    {
        if (wantedPasswords.Refuses(wanted, session.User.Name) is { } refused)
        {
            return refused;
        }

        if (PasswordRules.Normalise(current) == PasswordRules.Normalise(wanted))
        {
            return PasswordErrors.SameAsCurrent;
        }

        if (!await writer.RunAsync((db, token) => rationing.TakeAsync(db, session.User.Id, $"password/session/{session.Id:N}", Guesses, token), ct))
        {
            return PasswordErrors.TooMany with { RetryAfter = Guesses.Window };
        }

        string? stored;
        await using (var db = contexts.Read())
        {
            stored = await db.Set<User>().Where(u => u.Id == session.User.Id).Select(u => u.PasswordHash).SingleAsync(ct);
        }

        if (passwords.TryCheck(current, stored) is not { } check)
        {
            await writer.RunAsync((db, token) => Rationing.ReturnAsync(db, session.User.Id, $"password/session/{session.Id:N}", token), ct);
            return PasswordErrors.Overloaded;
        }

        if (!await check)
        {
            return PasswordErrors.CurrentWrong;
        }

        if (passwords.TryMake(wanted) is not { } make)
        {
            return PasswordErrors.Overloaded;
        }

        var subject = JsonSerializer.SerializeToElement(new PasswordChangeSubject(await make, stored!, session.Id), PasswordsJson.Default.PasswordChangeSubject);
        return await writer.RunAsync((db, token) => OpenAsync(db, session, subject, opener, language, token), ct);
    }

    private async Task<Result<ChallengeHandle>> OpenAsync(CountersignDbContext db, SessionView session, JsonElement subject, Opener opener, CultureInfo language, CancellationToken ct)
    {
        await Rationing.ClearAsync(db, session.User.Id, $"password/session/{session.Id:N}", ct);
        // Another new password typed before the first was confirmed is another subject: the older challenge must not win.
        await prompting.CancelOthersAsync(db, session.User.Id, PasswordChangePurpose.PurposeId, ct);
        return await prompting.BeginAsync(db, session.User, PasswordChangePurpose.PurposeId, subject, language, opener, ct);
    }
}
