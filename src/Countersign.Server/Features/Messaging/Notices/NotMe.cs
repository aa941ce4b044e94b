using System.Security.Cryptography;
using System.Text;
using Countersign.Server.Data.Protection;
using Countersign.Server.Features.Ground.Jurisdictions;
using Countersign.Server.Features.Registry.Users;
using Countersign.Server.Http;
using Microsoft.Extensions.Options;

namespace Countersign.Server.Features.Messaging.Notices;

/// <summary>A right to repudiate, and what the notice says of it: a link or a code.</summary>
internal sealed record RightToRepudiate(string Way, Repudiation Row);

/// <summary>
/// Puts the way to repudiate into a notice: a link, or where the regime forbids links a code to type at an address that the client
/// knows.
/// </summary>
internal sealed class NotMe(ISecrets secrets, IOptions<SiteOptions> site, TimeProvider time)
{
    /// <summary>Letters and digits that nobody takes for one another (Crockford's Base32).</summary>
    private const string Alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    private const int Characters = 26;
    private const int Group = 5;
    private const int LongestTyped = 64;
    private static readonly TimeSpan Lifetime = TimeSpan.FromDays(7);

    /// <summary>Makes the right to repudiate; the row is to be added where the notice goes.</summary>
    public RightToRepudiate Make(UserView user, string notice)
    {
        // 26 characters of five bits: 130 random bits.
        var token = string.Create(Characters, secrets, static (text, source) =>
        {
            for (var i = 0; i < text.Length; i++)
            {
                text[i] = Alphabet[source.Below(Alphabet.Length)];
            }
        });
        var now = time.GetUtcNow();
        var row = new Repudiation
        {
            UserId = user.Id,
            Id = Guid.CreateVersion7(now),
            TokenHash = Hash(token),
            Notice = notice,
            At = now,
            ExpiresAt = now + Lifetime,
        };
        return new RightToRepudiate(WayOf(token, user.Regime), row);
    }

    /// <summary>One that nobody has, for what only counts how long a notice is.</summary>
    public string ExampleIn(Regime regime) => WayOf(new string(Alphabet[0], Characters), regime);

    /// <summary>The command line may not know where the site is.</summary>
    private string WayOf(string token, Regime regime) => regime.LinksInNotices && site.Value.PublicUrl.Length > 0
        ? $"{site.Value.PublicUrl.TrimEnd('/')}/not-me/{token}"
        : string.Join('-', token.Chunk(Group).Select(c => new string(c)));

    /// <summary>The token as it was made, however it was typed; null for what can be none.</summary>
    public static string? Read(string? typed)
    {
        if (typed is null or { Length: > LongestTyped })
        {
            return null;
        }

        var token = string.Concat(typed.Where(c => c is not '-' && !char.IsWhiteSpace(c)).Select(Plain));
        return token.Length == Characters && token.All(Alphabet.Contains) ? token : null;
    }

    /// <summary>Full-width characters and letters that look like digits are theirs to type.</summary>
    private static char Plain(char c)
    {
        var upper = char.ToUpperInvariant(c is >= '！' and <= '～' ? (char)(c - '！' + '!') : c);
        return upper switch
        {
            'O' => '0',
            'I' or 'L' => '1',
            _ => upper,
        };
    }

    public static byte[] Hash(string token) => SHA256.HashData(Encoding.ASCII.GetBytes(token));
}
