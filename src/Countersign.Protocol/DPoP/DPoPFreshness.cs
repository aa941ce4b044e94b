namespace Countersign.Protocol.DPoP;

/// <summary>
/// How a proof is known to be new (RFC 9449 §4.3 numbers 10 and 11, §11.1): by the client's clock, or by a nonce of the server, with
/// which no clock but the server's is judged.
/// </summary>
public abstract class DPoPFreshness
{
    /// <summary>Gets the most time, 10 minutes, that a window of the client's clock may reach to either side.</summary>
    public static TimeSpan MaxWindow { get; } = TimeSpan.FromMinutes(10);

    private protected DPoPFreshness()
    {
    }

    /// <summary>Judges <c>iat</c>. A nonce is passed over.</summary>
    /// <param name="now">The time at which the request came.</param>
    /// <param name="before">How old a proof may be: 0 to <see cref="MaxWindow"/>.</param>
    /// <param name="after">How far ahead the client's clock may be: 0 to <see cref="MaxWindow"/>.</param>
    /// <returns>The rule.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A side of the window is out of range.</exception>
    public static DPoPFreshness ByClock(DateTimeOffset now, TimeSpan before, TimeSpan after)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(before, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(before, MaxWindow);
        ArgumentOutOfRangeException.ThrowIfLessThan(after, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(after, MaxWindow);
        return new ClockRule(now, before, after);
    }

    /// <summary>Judges <c>nonce</c>, by <see cref="DPoPNonce"/>. <c>iat</c> has to be there and is not compared with anything.</summary>
    /// <param name="now">The time at which the request came.</param>
    /// <param name="keys">The keys with which nonces are made, and those with which they were made until a moment ago.</param>
    /// <returns>The rule.</returns>
    /// <exception cref="ArgumentNullException">There are no keys.</exception>
    /// <exception cref="ArgumentException">There are no keys, or one is shorter than <see cref="DPoPNonce.MinKeyLength"/>.</exception>
    public static DPoPFreshness ByNonce(DateTimeOffset now, params IReadOnlyList<ReadOnlyMemory<byte>> keys)
    {
        ArgumentNullException.ThrowIfNull(keys);
        if (keys.Count == 0 || keys.Any(key => key.Length < DPoPNonce.MinKeyLength))
        {
            throw new ArgumentException($"Keys of at least {DPoPNonce.MinKeyLength} bytes are expected.", nameof(keys));
        }

        return new NonceRule(now, keys);
    }

    /// <summary>What is wrong, or null, until when the proof is to be remembered, and the nonce that was judged.</summary>
    internal abstract DPoPFault? Judge(DateTimeOffset issuedAt, string? nonce, out DateTimeOffset until, out string? judged);

    private sealed class ClockRule(DateTimeOffset now, TimeSpan before, TimeSpan after) : DPoPFreshness
    {
        internal override DPoPFault? Judge(DateTimeOffset issuedAt, string? nonce, out DateTimeOffset until, out string? judged)
        {
            (until, judged) = (default, null);
            var age = now - issuedAt;
            if (age > before || age < -after)
            {
                return age > before ? DPoPFault.TooOld : DPoPFault.TooNew;
            }

            until = issuedAt + before + DPoPNonce.MaxSkew;
            return null;
        }
    }

    private sealed class NonceRule(DateTimeOffset now, IReadOnlyList<ReadOnlyMemory<byte>> keys) : DPoPFreshness
    {
        internal override DPoPFault? Judge(DateTimeOffset issuedAt, string? nonce, out DateTimeOffset until, out string? judged)
        {
            (until, judged) = (default, nonce);
            if (nonce is null)
            {
                return DPoPFault.NonceMissing;
            }

            if (DPoPNonce.Read(nonce, keys) is not { } madeAt)
            {
                return DPoPFault.NonceUnknown;
            }

            until = madeAt + DPoPNonce.Lifetime + DPoPNonce.MaxSkew;
            return DPoPNonce.IsLive(madeAt, now) ? null : DPoPFault.NonceExpired;
        }
    }
}
