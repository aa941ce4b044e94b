using System.Security.Cryptography;
using Countersign.Server.Features.Access.Sessions;
using Countersign.Server.Features.Registry.Users;

namespace Countersign.Server.Features.Confirming.Challenges;

/// <summary>Who opened a challenge, and alone may see and use it (D8).</summary>
/// <param name="Secret">128 random bits of the browser.</param>
/// <param name="Source">IPv4 address or IPv6 /64.</param>
/// <param name="KnownSince">When this browser last signed the user in; null: it never has.</param>
internal sealed record Opener(byte[] Secret, string Source, DateTimeOffset? KnownSince)
{
    /// <summary>A session vouches for its browser.</summary>
    public static readonly DateTimeOffset KnownBySession = DateTimeOffset.MaxValue;

    /// <summary>The same for a challenge that may be somebody else's: the session vouches for its own user alone.</summary>
    public static DateTimeOffset? KnownInSession(HttpContext http, Guid userId) => http.TryGetSession(out var session) && session.User.Id == userId ? KnownBySession : null;

    public byte[] Hash { get; } = SHA256.HashData(Secret);

    /// <summary>Whether the browser has signed the user in since the password was last set.</summary>
    public bool IsKnownTo(UserView user) => KnownSince is { } since && (user.PasswordSetAt is not { } set || since >= set);
}
