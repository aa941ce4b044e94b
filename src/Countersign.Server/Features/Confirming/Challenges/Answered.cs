namespace Countersign.Server.Features.Confirming.Challenges;

/// <summary>What came of a response.</summary>
internal abstract record Answered
{
    /// <summary>Right, and the purpose was carried out.</summary>
    internal sealed record Completed(object? Value) : Answered;

    /// <summary>Wrong and charged; the challenge can still be answered.</summary>
    internal sealed record Wrong(Error Error) : Answered;

    /// <summary>No effect, or the end of the challenge; the error says which and what to do.</summary>
    internal sealed record Refused(Error Error) : Answered;
}

/// <summary>A challenge as its page shows it.</summary>
/// <param name="Awaited">Whether a page waited for it when it was read. One that begins to wait a moment later looks again by itself.</param>
internal sealed record OpenChallenge(
    ChallengeHandle Handle, ChallengeView View, byte[] StatementHash, ChallengeState State, int PromptNo, int TriesLeft, DeviceView? Device, Prompt? Prompt, bool Awaited, string? Refusal);
