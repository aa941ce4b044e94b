using Countersign.Server.Data;
using Countersign.Server.Features.Confirming.Devices;

namespace Countersign.Server.Features.Confirming.Challenges;

/// <summary>A challenge as its page shows it.</summary>
/// <param name="Choices">The devices that its opener may choose among; empty where one alone answers.</param>
/// <param name="Status">What a waiting page is told.</param>
internal sealed record ShownChallenge(OpenChallenge Open, IReadOnlyList<Choice> Choices, ChallengeStatus Status);

/// <summary>Reads a challenge for its opener: what it says, what the device is asked, and which devices could be asked instead.</summary>
internal sealed class ShowChallenge(
    Contexts contexts, ChallengeReader reader, ChallengeOffers offers, KindCatalog kinds, StatusReader status)
{
    /// <param name="purpose">A challenge of another one is not found.</param>
    public async Task<Result<ShownChallenge>> RunAsync(Purpose purpose, ChallengeHandle handle, Opener opener, CancellationToken ct)
    {
        await using var db = contexts.Read();
        var found = await reader.FindAsync(db, handle, opener, ct);
        if (!found.Succeeded)
        {
            return found.Error;
        }

        var challenge = found.Value;
        if (challenge.Purpose != purpose)
        {
            return ChallengeErrors.Missing;
        }

        var open = View(challenge);
        IReadOnlyList<Choice> choices = challenge.Activates || !open.IsLive ? [] : await offers.ChoicesAsync(db, challenge, ct);
        return new ShownChallenge(open, choices, await status.OfAsync(db, handle, challenge.State, ct));
    }

    private OpenChallenge View(LoadedChallenge challenge)
    {
        var (row, asked) = (challenge.Row, challenge.State == ChallengeState.Pending ? null : challenge.Credential);
        var prompt = asked is not null && challenge.Prompt is { } given ? kinds.Find(asked.Facts.Kind)?.Show(asked.Facts, given) : null;
        return new OpenChallenge(
            challenge.Handle,
            challenge.User,
            row.Purpose,
            row.Statement,
            row.ExpiresAt,
            challenge.State,
            row.PromptNo,
            asked?.Facts.Kind,
            challenge.State == ChallengeState.Pending ? null : challenge.Device, prompt, row.Refusal);
    }
}

/// <summary>What the opener changes of a challenge before it is answered.</summary>
internal sealed class ChangeChallenge(IWriter writer, ChallengeReader reader, ChallengePrompting prompting, EndChallenges end)
{
    /// <returns>Null when the device is asked now; else why not.</returns>
    public Task<Error?> ChooseAsync(Purpose purpose, ChallengeHandle handle, Opener opener, Guid deviceId, CancellationToken ct) =>
        OnOwnAsync(purpose, handle, opener, (db, token) => prompting.ChooseAsync(db, handle, opener, deviceId, token), ct);

    /// <param name="by">Another way to the same device, such as a call; null is the usual one.</param>
    /// <returns>Null when the device is asked once more; else why not.</returns>
    public Task<Error?> RepeatAsync(Purpose purpose, ChallengeHandle handle, Opener opener, string? by, CancellationToken ct) =>
        OnOwnAsync(purpose, handle, opener, (db, token) => prompting.RepeatAsync(db, handle, opener, by, token), ct);

    public Task CancelAsync(Purpose purpose, ChallengeHandle handle, Opener opener, CancellationToken ct) => OnOwnAsync(
        purpose,
        handle,
        opener,
        async (db, token) =>
        {
            await end.CancelAsync(db, handle, opener, token);
            return null;
        },
        ct);

    /// <summary>What follows from a challenge is its own page's to do: on another one's it is not found.</summary>
    private Task<Error?> OnOwnAsync(
        Purpose purpose, ChallengeHandle handle, Opener opener, Func<CountersignDbContext, CancellationToken, Task<Error?>> change,
        CancellationToken ct) =>
        writer.RunAsync(
            async (db, token) =>
            {
                var found = await reader.FindAsync(db, handle, opener, token);
                return !found.Succeeded ? found.Error : found.Value.Purpose != purpose ? ChallengeErrors.Missing : await change(db, token);
            },
            ct);
}
