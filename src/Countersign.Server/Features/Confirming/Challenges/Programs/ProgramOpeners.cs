using System.Security.Cryptography;
using System.Text;
using Countersign.Protocol.DPoP;
using Countersign.Server.Data;
using Countersign.Server.Data.Protection;
using Countersign.Server.Http;
using Microsoft.Extensions.Options;

namespace Countersign.Server.Features.Confirming.Challenges.Programs;

/// <summary>A request whose proof was right.</summary>
/// <param name="Thumbprint">Of the key that signed it, by RFC 7638.</param>
internal sealed record ProvedRequest(string Thumbprint, Opener Opener);

/// <summary>
/// Recognises programs by a proof of possession that each request carries (RFC 9449): over its method, its address, the body as it
/// was sent, and a nonce of ours, so that no clock but the server's is judged. Each proof is taken once, on any number of nodes.
/// </summary>
internal sealed class ProgramOpeners(IWriter writer, MasterKeys keys, ISecrets secrets, IOptions<SiteOptions> site, TimeProvider time)
{
    public const string Header = "DPoP";
    public const string NonceHeader = "DPoP-Nonce";
    private const string NonceUse = "dpop-nonce";
    private const string ProofUse = "dpop-proof";

    /// <param name="body">As it was sent.</param>
    public async Task<Result<ProvedRequest>> ReadAsync(HttpContext http, ReadOnlyMemory<byte> body, CancellationToken ct)
    {
        // Also with a right proof: the next request needs a nonce that is still good.
        http.Response.Headers[NonceHeader] = NewNonce();
        if (http.Request.Headers[Header] is not [{ } proof])
        {
            return ProgramErrors.Invalid;
        }

        var request = new DPoPRequest { Method = http.Request.Method, Address = AddressOf(http), BodyHash = SHA256.HashData(body.Span) };
        var fresh = DPoPFreshness.ByNonce(time.GetUtcNow(), [.. keys.DeriveAll(NonceUse).Select(k => (ReadOnlyMemory<byte>)k)]);
        return DPoPProof.Verify(proof, request, fresh) switch
        {
            DPoPAccepted accepted when await SpendAsync(
                accepted, ct) => new ProvedRequest(accepted.Thumbprint, Opener.Program(accepted.Thumbprint, ClientSource.Of(http))),
            DPoPRefused { Error: ProgramErrors.UseNonceName } => ProgramErrors.UseNonce,
            _ => ProgramErrors.Invalid,
        };
    }

    /// <summary>Scheme and host are the site's own, not what the request says.</summary>
    private Uri AddressOf(HttpContext http) => new(site.Value.PublicUrl.TrimEnd('/') + http.Request.PathBase + http.Request.Path);

    private string NewNonce() => DPoPNonce.Make(keys.Current.Derive(NonceUse), time.GetUtcNow(), secrets.Bytes(DPoPNonce.RandomLength));

    private Task<bool> SpendAsync(DPoPAccepted accepted, CancellationToken ct)
    {
        var id = new Guid(
            HMACSHA256.HashData(keys.Lookup(ProofUse), Encoding.UTF8.GetBytes($"{accepted.Thumbprint}:{accepted.Jti}")).AsSpan(0, 16));
        return writer.RunAsync((db, token) => SpentProof.AddAsync(db, id, accepted.RememberUntil, token), ct);
    }
}

internal static class ProgramErrors
{
    /// <summary>The name by which RFC 9449 §8 asks for a nonce.</summary>
    public const string UseNonceName = "use_dpop_nonce";

    public static readonly Error Invalid = new("dpop.invalid_proof", ErrorKind.Forbidden);

    /// <summary>Send the same again, with the nonce that came in the header.</summary>
    public static readonly Error UseNonce = new("dpop.use_nonce", ErrorKind.Forbidden);
}
