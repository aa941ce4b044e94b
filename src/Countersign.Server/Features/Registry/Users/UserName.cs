using System.Text;

namespace Countersign.Server.Features.Registry.Users;

/// <summary>A user name as it is compared: NFKC, lower case, no surrounding space.</summary>
internal readonly record struct UserName
{
    public const int MaximumLength = 64;

    private UserName(string value) => Value = value;

    public string Value { get; }

    /// <summary>False for text that can name no user: empty, too long, or with control characters or lone surrogates.</summary>
    public static bool TryParse(string? typed, out UserName name)
    {
        name = default;
        if (string.IsNullOrWhiteSpace(typed) || typed.Length > MaximumLength * 4 || !IsWellFormed(typed))
        {
            return false;
        }

        var value = typed.Normalize(NormalizationForm.FormKC).Trim().ToLowerInvariant();
        if (value.Length is 0 or > MaximumLength || value.Any(char.IsControl))
        {
            return false;
        }

        name = new UserName(value);
        return true;
    }

    public override string ToString() => Value;

    // string.Normalize throws on lone surrogates and on the noncharacter U+FFFE.
    private static bool IsWellFormed(string text)
    {
        var at = 0;
        while (at < text.Length)
        {
            if (!Rune.TryGetRuneAt(text, at, out var rune) || rune.Value == 0xFFFE)
            {
                return false;
            }

            at += rune.Utf16SequenceLength;
        }

        return true;
    }
}
