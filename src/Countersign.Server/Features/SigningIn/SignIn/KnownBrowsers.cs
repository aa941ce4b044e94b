using System.Buffers.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Countersign.Server.Data.Protection;
using Countersign.Server.Http;

namespace Countersign.Server.Features.SigningIn.SignIn;

/// <summary>
/// Remembers, in the browser, which users have signed in there. It proves nothing and opens nothing: it only keeps the owner's
/// count of wrong passwords apart from what strangers do to the name (D18).
/// </summary>
internal sealed class KnownBrowsers(Cookies cookies, MasterKeys keys, ISecrets secrets, TimeProvider time)
{
    private const string Name = "browser";
    private const int MaximumUsers = 8;
    private const int LongestCookie = 3000;
    private const int IdLength = 16;
    private static readonly object Opened = new();
    private static readonly TimeSpan Lifetime = TimeSpan.FromDays(400);

    /// <summary>By how much the clocks of nodes differ at most.</summary>
    private static readonly TimeSpan ClockSkew = TimeSpan.FromMinutes(1);

    /// <summary>When the browser last signed this user in; null where it never has.</summary>
    public DateTimeOffset? Since(HttpContext http, Guid userId) => Read(http)?.Since(userId);

    /// <summary>Remembers that the user has signed in here.</summary>
    public void Remember(HttpContext http, Guid userId)
    {
        var known = Read(http) ?? new KnownBrowser(secrets.Bytes(IdLength), []);
        KnownUser[] users = [new KnownUser(userId, time.GetUtcNow()), .. known.Users.Where(u => u.UserId != userId).Take(MaximumUsers - 1)];
        var json = JsonSerializer.SerializeToUtf8Bytes(users, KnownBrowsersJson.Default.KnownUserArray);
        var closed = Sealed.Close(keys.Current, Sealed.CookieUse, PlaceOf(known.Id), json, secrets);
        cookies.Write(http, Name, Base64Url.EncodeToString([.. known.Id, .. closed]), Lifetime);
    }

    /// <summary>What the browser remembers; null where it remembers nothing that is ours.</summary>
    public KnownBrowser? Read(HttpContext http)
    {
        // Once in a request: several ask.
        if (!http.Items.TryGetValue(Opened, out var known))
        {
            http.Items[Opened] = known = Open(http);
        }

        return (KnownBrowser?)known;
    }

    /// <summary>
    /// Null as well for what another installation closed, for what was tampered with, and where this node lacks the key: the browser is not
    /// known. Nothing is refused for it, since whoever brings a cookie may have made it up.
    /// </summary>
    private KnownBrowser? Open(HttpContext http)
    {
        if (cookies.Read(http, Name) is not { Length: < LongestCookie } text || !Base64Url.IsValid(text))
        {
            return null;
        }

        var cookie = Base64Url.DecodeFromChars(text);
        return cookie.Length > IdLength
            && Sealed.KeyIdOf(cookie.AsSpan(IdLength)) is { } keyId
            && keys.Find(keyId, Sealed.CookieUse) is { } key
            && Sealed.Open(key, PlaceOf(cookie.AsSpan(0, IdLength)), cookie.AsSpan(IdLength)) is { } users
                ? new KnownBrowser(cookie[..IdLength], Until(time.GetUtcNow() + ClockSkew, users))
                : null;
    }

    /// <summary>Nobody has signed in at a time that is still to come.</summary>
    private static KnownUser[] Until(DateTimeOffset latest, byte[] users) =>
        [.. JsonSerializer.Deserialize(users, KnownBrowsersJson.Default.KnownUserArray)!.Where(u => u.Since <= latest)];

    /// <summary>Each browser's cookie has a key of its own, by the random id that stands in front.</summary>
    private static byte[] PlaceOf(ReadOnlySpan<byte> id) => [.. "known-browser\0"u8, .. id];
}

/// <summary>A browser that has signed somebody in.</summary>
internal sealed record KnownBrowser(byte[] Id, IReadOnlyList<KnownUser> Users)
{
    /// <summary>Its id as text.</summary>
    public string Browser => Base64Url.EncodeToString(Id);

    /// <summary>When it last signed this user in; null where it never has.</summary>
    public DateTimeOffset? Since(Guid userId) => Users.FirstOrDefault(u => u.UserId == userId)?.Since;
}

internal sealed record KnownUser(Guid UserId, DateTimeOffset Since);

[JsonSerializable(typeof(KnownUser[]))]
internal sealed partial class KnownBrowsersJson : JsonSerializerContext;
