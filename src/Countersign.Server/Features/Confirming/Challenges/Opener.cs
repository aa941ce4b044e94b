using System.Security.Cryptography;
using System.Text;
using Countersign.Server.Features.Access.Sessions;
using Countersign.Server.Features.Ground.Audit;
using Countersign.Server.Features.Registry.Users;

namespace Countersign.Server.Features.Confirming.Challenges;

/// <summary>What sort of opener a challenge has.</summary>
internal enum OpenerKind
{
    /// <summary>A browser, by a cookie.</summary>
    Browser,

    /// <summary>A program, by its DPoP key (RFC 9449).</summary>
    Program,

    /// <summary>
    /// An application that relies on Countersign, on behalf of a user: it reads the state; a session of the user adopts it and goes
    /// on.
    /// </summary>
    Application,
}

/// <summary>Who opened a challenge, and alone may use it (D8).</summary>
/// <param name="Hash">SHA-256 of what only the opener has.</param>
/// <param name="Source">IPv4 address or IPv6 /64.</param>
/// <param name="KnownSince">When this opener last signed the user in; null: it never has.</param>
internal sealed record Opener(OpenerKind Kind, byte[] Hash, string Source, DateTimeOffset? KnownSince)
{
    /// <summary>A session vouches for its browser.</summary>
    public static readonly DateTimeOffset KnownBySession = DateTimeOffset.MaxValue;

    /// <param name="secret">128 random bits that the browser keeps.</param>
    public static Opener Browser(byte[] secret, string source, DateTimeOffset? knownSince) =>
        new(OpenerKind.Browser, SHA256.HashData(secret), source, knownSince) { Secret = secret };

    /// <param name="thumbprint">Of the key that signed the request's proof, by RFC 7638.</param>
    public static Opener Program(string thumbprint, string source) =>
        new(OpenerKind.Program, Named("dpop", thumbprint), source, KnownSince: null) { Secret = Encoding.UTF8.GetBytes(thumbprint) };

    public static Opener Application(string clientId, string source) =>
        new(OpenerKind.Application, Named("application", clientId), source, KnownSince: null) { ClientId = clientId };

    /// <summary>
    /// What a result that only the opener may have is made of, beside a key of ours: what the browser keeps, or the name of the key that
    /// the program has proved again with this very request (D36).
    /// </summary>
    public byte[] Secret { get; private init; } = [];

    /// <summary>The session that the browser is in; null outside one.</summary>
    public BrowserSession? Session { get; init; }

    /// <summary>The session that a challenge of this user belongs to when this opener opens it.</summary>
    public Guid? SessionOf(Guid userId) => Session is { } session && session.UserId == userId ? session.Id : null;

    /// <summary>Which application it is; null for what is none.</summary>
    public string? ClientId { get; private init; }

    /// <summary>Whether the opener has signed the user in since the password was last set.</summary>
    public bool IsKnownTo(UserView user) => KnownSince is { } since && (user.PasswordSetAt is not { } set || since >= set);

    /// <summary>Who acts, in the audit.</summary>
    public Actor ActsFor(Guid userId) => ClientId is { } client
        ? Actor.Application(client, Source)
        : Actor.Client(userId, Source) with { Session = SessionOf(userId) };

    private static byte[] Named(string kind, string name) => SHA256.HashData(Encoding.UTF8.GetBytes($"{kind}:{name}"));
}
