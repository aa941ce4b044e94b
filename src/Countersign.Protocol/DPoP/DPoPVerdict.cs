using System.Text.Json;

namespace Countersign.Protocol.DPoP;

/// <summary>What became of a proof: <see cref="DPoPAccepted"/> or <see cref="DPoPRefused"/>, and nothing else.</summary>
public abstract record DPoPVerdict
{
    private protected DPoPVerdict()
    {
    }
}

/// <summary>
/// The sender of the request has the private key. That is not yet a right to anything (RFC 9449 §4), and a copy of the proof says the
/// same: the caller stores <paramref name="Thumbprint"/> and <paramref name="Jti"/> until <paramref name="RememberUntil"/> and refuses
/// what is stored already, in one statement (RFC 9449 §11.1).
/// </summary>
/// <param name="Thumbprint">
/// The <c>jkt</c> of the key (RFC 7638, RFC 9449 §6.1), 43 characters: compare it with what the token or the session is bound to.
/// </param>
/// <param name="Jti">
/// The id of the proof, at most <see cref="DPoPProof.MaxJtiLength"/> visible ASCII characters, unique only for its key.
/// </param>
/// <param name="IssuedAt">When the proof was made, by the client's clock.</param>
/// <param name="Nonce">The nonce that was checked, or null where the client's clock was judged instead.</param>
/// <param name="RememberUntil">After this instant the same proof is refused for its age, also by a node whose clock is behind.</param>
/// <param name="Claims">
/// All that was signed, for claims that are not of RFC 9449. Its text is well-formed, and no member occurs twice.
/// </param>
public sealed record DPoPAccepted(
    string Thumbprint, string Jti, DateTimeOffset IssuedAt, string? Nonce, DateTimeOffset RememberUntil, JsonElement Claims) : DPoPVerdict;

/// <summary>The proof proves nothing.</summary>
/// <param name="Fault">The first check that was not passed.</param>
public sealed record DPoPRefused(DPoPFault Fault) : DPoPVerdict
{
    /// <summary>
    /// Gets the code for the client: <c>use_dpop_nonce</c> where a new nonce helps, to be answered with one in <c>DPoP-Nonce</c>
    /// (RFC 9449 §8, §9); else <c>invalid_dpop_proof</c> (RFC 9449 §5, §7.1).
    /// </summary>
    public string Error =>
        Fault is DPoPFault.NonceMissing or DPoPFault.NonceUnknown or DPoPFault.NonceExpired ? "use_dpop_nonce" : "invalid_dpop_proof";
}
