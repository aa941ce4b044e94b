using System.Buffers.Text;
using Countersign.Server.Data.Protection;
using Countersign.Server.Features.Access.Sessions;
using Countersign.Server.Http;

namespace Countersign.Server.Features.Confirming.Challenges;

/// <summary>The secret by which a browser is recognised as a challenge's opener: 128 random bits in a cookie.</summary>
internal sealed class Openers(Cookies cookies, ISecrets secrets)
{
    private const string Name = "opener";
    private const int Length = 16;

    /// <summary>The browser's opener, in its session where it is in one; a new one where it has none.</summary>
    public Opener Get(HttpContext http, DateTimeOffset? knownSince)
    {
        var secret = Read(http) ?? Renew(http);
        return Opener.Browser(secret, ClientSource.Of(http), knownSince) with
        {
            Session = http.TryGetSession(out var session) ? new BrowserSession(session.User.Id, session.Id) : null,
        };
    }

    /// <summary>The opener of a browser that is in a session.</summary>
    public Opener OfSession(HttpContext http) => Get(http, KnownInSession(http, http.Session().User.Id));

    /// <summary>For a challenge that may be somebody else's: a session vouches for its browser towards its own user alone.</summary>
    public static DateTimeOffset? KnownInSession(HttpContext http, Guid userId) =>
        http.TryGetSession(out var session) && session.User.Id == userId ? Opener.KnownBySession : null;

    /// <summary>A new secret, so that what was opened before a sign-in cannot be used by who had the browser then.</summary>
    public byte[] Renew(HttpContext http)
    {
        var secret = secrets.Bytes(Length);
        cookies.Write(http, Name, Base64Url.EncodeToString(secret), lifetime: null);
        return secret;
    }

    private byte[]? Read(HttpContext http)
    {
        var bytes = new byte[Length + 1];
        return cookies.Read(http, Name) is { Length: <= 32 } text && Base64Url.IsValid(text)
            && Base64Url.TryDecodeFromChars(text, bytes, out var written) && written == Length
            ? bytes[..Length]
            : null;
    }
}
