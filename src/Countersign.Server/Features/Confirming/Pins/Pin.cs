namespace Countersign.Server.Features.Confirming.Pins;

/// <summary>A PIN of letters a–z, A–Z and digits, with what rules look at. It does not show itself in logs.</summary>
internal sealed class Pin
{
    private const int LongestTyped = 64;

    private Pin(string value)
    {
        Value = value;
        Lower = value.ToLowerInvariant();
        Letters = string.Concat(Lower.Where(char.IsAsciiLetter));
    }

    /// <summary>As it is used: NFKC, so that full-width digits are digits; capitals are kept.</summary>
    public string Value { get; }

    /// <summary>Without regard to capitals: rules judge what can be guessed.</summary>
    public string Lower { get; }

    /// <summary>Its letters alone.</summary>
    public string Letters { get; }

    public bool IsDigits => Letters.Length == 0;

    public bool IsLetters => Letters.Length == Lower.Length;

    /// <summary>Reads what was typed, or says how it does not fit the policy.</summary>
    public static Pin? Read(string? typed, PinPolicy policy, ICollection<Error> faults)
    {
        // Normalising may only shorten by a few characters: what is far too long need not be looked at.
        var value = typed is null || typed.Length > LongestTyped ? null : Spelling.Normalise(typed);
        if (value is null || value.Length < policy.MinimumLength || value.Length > policy.MaximumLength)
        {
            faults.Add(PinErrors.LengthOf(policy));
        }

        if (value is not null && !value.All(policy.Letters ? char.IsAsciiLetterOrDigit : char.IsAsciiDigit))
        {
            faults.Add(policy.Letters ? PinErrors.Characters : PinErrors.DigitsOnly);
        }

        return faults.Count == 0 ? new Pin(value!) : null;
    }

    /// <summary>
    /// Whether it is the word, as letters or on the keys of a phone. A word of fewer than four letters is no PIN on keys.
    /// </summary>
    public bool Spells(string word) => Lower == word || (IsDigits && word.Length == Lower.Length && Spelling.Keys(word) == Lower);

    /// <summary>Whether it has the text somewhere in it.</summary>
    public bool Holds(string text) => Lower.Contains(text, StringComparison.Ordinal);

    /// <summary>Whether <paramref name="length"/> characters of it stand in the same order in the text.</summary>
    public bool SharesRun(string text, int length)
    {
        for (var at = 0; at + length <= Lower.Length; at++)
        {
            if (text.Contains(Lower.Substring(at, length), StringComparison.Ordinal))
            {
                return true;
            }
        }

        return false;
    }

    public override string ToString() => "(PIN)";
}
