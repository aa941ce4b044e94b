namespace Countersign.Server.Features.Access.Passwords;

/// <summary>How long a password may be, in code points after normalisation. Longer ones are refused, never cut.</summary>
internal sealed record PasswordPolicy(int MinimumLength = PasswordPolicy.LowestMinimum, int MaximumLength = 256)
{
    /// <summary>NIST SP 800-63B-4 §3.1.1.2: eight is the least for a password that is one of two factors.</summary>
    public const int LowestMinimum = 8;

    /// <summary>NIST SP 800-63B-4 §3.1.1.2: sixty-four must always be possible.</summary>
    public const int LowestMaximum = 64;

    /// <summary>Bounds the work that a stranger can ask for with one form.</summary>
    public const int HighestMaximum = 4096;

    public int MinimumLength { get; } = Between(LowestMinimum, MinimumLength, LowestMaximum, nameof(MinimumLength));

    public int MaximumLength { get; } = Between(LowestMaximum, MaximumLength, HighestMaximum, nameof(MaximumLength));

    private static int Between(int lowest, int value, int highest, string name)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(value, lowest, name);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(value, highest, name);
        return value;
    }
}
