using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using Countersign.Server.Data.Protection;
using Countersign.Server.Http;
using Microsoft.AspNetCore.DataProtection;

namespace Countersign.Server.Features.SigningIn.SignIn;

/// <summary>
/// Remembers, in the browser, which users have signed in there. It proves nothing and opens nothing: it only keeps the owner's
/// count of wrong passwords apart from what strangers do to the name (D18).
/// </summary>
internal sealed class KnownBrowsers(Cookies cookies, IDataProtectionProvider provider, ISecrets secrets, TimeProvider time)
{
    private const string Name = "browser";
    private const int MaximumUsers = 8;
    private const int LongestCookie = 3000;
    private static readonly object Opened = new();
    private static readonly TimeSpan Lifetime = TimeSpan.FromDays(400);

    private readonly IDataProtector _protector = provider.CreateProtector("known-browser");

    /// <summary>When the browser last signed this user in; null where it never has.</summary>
    public DateTimeOffset? Since(HttpContext http, Guid userId) => Read(http)?.Since(userId);

    /// <summary>Remembers that the user has signed in here.</summary>
    public void Remember(HttpContext http, Guid userId)
    {
        var known = Read(http) ?? new KnownBrowser(Base64Url.EncodeToString(secrets.Bytes(16)), []);
        KnownUser[] users = [new KnownUser(userId, time.GetUtcNow()), .. known.Users.Where(u => u.UserId != userId).Take(MaximumUsers - 1)];
        var json = JsonSerializer.SerializeToUtf8Bytes(known with { Users = users }, KnownBrowsersJson.Default.KnownBrowser);
        cookies.Write(http, Name, Base64Url.EncodeToString(_protector.Protect(json)), Lifetime);
    }

    /// <summary>What the browser remembers; null where it remembers nothing that is ours.</summary>
    public KnownBrowser? Read(HttpContext http)
    {
        // Once in a request: opening the cookie costs as much as looking a challenge up.
        if (!http.Items.TryGetValue(Opened, out var known))
        {
            http.Items[Opened] = known = Open(http);
        }

        return (KnownBrowser?)known;
    }

    private KnownBrowser? Open(HttpContext http)
    {
        if (cookies.Read(http, Name) is not { Length: < LongestCookie } text || !Base64Url.IsValid(text))
        {
            return null;
        }

        try
        {
            return JsonSerializer.Deserialize(
                _protector.Unprotect(Base64Url.DecodeFromChars(text)), KnownBrowsersJson.Default.KnownBrowser);
        }
        catch (CryptographicException e) when (!PassingFault.Is(e))
        {
            // Closed by another installation, or tampered with: the browser is not known.
            return null;
        }
    }
}

/// <summary>A browser that has signed somebody in.</summary>
/// <param name="Browser">Its id.</param>
internal sealed record KnownBrowser(string Browser, IReadOnlyList<KnownUser> Users)
{
    /// <summary>When it last signed this user in; null where it never has.</summary>
    public DateTimeOffset? Since(Guid userId) => Users.FirstOrDefault(u => u.UserId == userId)?.Since;
}

internal sealed record KnownUser(Guid UserId, DateTimeOffset Since);

[JsonSerializable(typeof(KnownBrowser))]
internal sealed partial class KnownBrowsersJson : JsonSerializerContext;
