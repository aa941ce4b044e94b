namespace Countersign.Protocol.Oath;

/// <summary>What both ends of a time-based password agree on.</summary>
public sealed record TotpParameters
{
    /// <summary>The longest time step in seconds: 48 hours, as in RFC 6287 §6.3.</summary>
    public const int MaxPeriod = 172_800;

    /// <summary>Makes the parameters; without arguments those that every authenticator app knows.</summary>
    /// <param name="hash">The hash function under the HMAC (RFC 6238 §1.2).</param>
    /// <param name="digits">The length of a code, <see cref="Hotp.MinDigits"/> to <see cref="Hotp.MaxDigits"/>.</param>
    /// <param name="period">The length of a time step in seconds, 1 to <see cref="MaxPeriod"/> (RFC 6238 §5.2 recommends 30).</param>
    /// <exception cref="ArgumentOutOfRangeException">An argument is out of range.</exception>
    public TotpParameters(OathHash hash = OathHash.Sha1, int digits = 6, int period = 30) =>
        (Hash, Digits, Period) = (hash, digits, period);

    /// <summary>Gets the hash function under the HMAC.</summary>
    public OathHash Hash
    {
        get;
        init => field = Enum.IsDefined(value) ? value : throw new ArgumentOutOfRangeException(nameof(value));
    }

    /// <summary>Gets the length of a code.</summary>
    public int Digits
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, Hotp.MinDigits);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(value, Hotp.MaxDigits);
            field = value;
        }
    }

    /// <summary>Gets the length of a time step in seconds.</summary>
    public int Period
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, 1);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(value, MaxPeriod);
            field = value;
        }
    }
}
