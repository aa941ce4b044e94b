namespace Countersign.Protocol.Oath;

/// <summary>What a response is computed from, besides the key and the suite (RFC 6287 §5.1). Exactly what the suite names is set.</summary>
public readonly ref struct OcraInput
{
    /// <summary>
    /// Gets the question, 1 to <see cref="OcraSuite.QuestionLength"/> characters. With mutual challenges (§7.2) and in signatures
    /// with a server challenge (§7.3) both are put one behind the other, and there may be twice as many.
    /// </summary>
    public required ReadOnlySpan<char> Question { get; init; }

    /// <summary>Gets the counter, 0 or more (<c>C</c>); null for a suite without.</summary>
    public long? Counter { get; init; }

    /// <summary>Gets the hash of the PIN, as <see cref="OcraPin.Hash"/> makes it (<c>P</c>); empty for a suite without.</summary>
    public ReadOnlySpan<byte> PinHash { get; init; }

    /// <summary>
    /// Gets the session information, 1 to <see cref="OcraSuite.SessionLength"/> bytes (<c>S</c>); empty for a suite without.
    /// What is shorter gets zero bytes in front, as in the reference implementation (appendix A).
    /// </summary>
    public ReadOnlySpan<byte> Session { get; init; }

    /// <summary>
    /// Gets the number of the time step, 0 or more, as <see cref="OcraSuite.StepAt"/> counts (<c>T</c>); null for a suite without.
    /// </summary>
    public long? TimeStep { get; init; }
}
