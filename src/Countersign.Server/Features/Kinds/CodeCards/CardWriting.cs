using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Countersign.Server.Features.Kinds.CodeCards;

/// <summary>
/// Reads what is printed on a card as people type it: spaces, hyphens, lower case and full-width characters are theirs to use.
/// </summary>
internal static class CardWriting
{
    public const int ShortestSerial = 4;
    public const int LongestSerial = 32;
    private const int LongestTyped = 64;

    /// <summary>Two values, typed together.</summary>
    public static bool TryReadAnswer(string typed, [NotNullWhen(true)] out string? values) =>
        TryRead(typed, 2 * CodeCard.CellLength, 2 * CodeCard.CellLength, out values);

    /// <summary>A serial number, as it is compared.</summary>
    public static bool TryReadSerial(string? typed, [NotNullWhen(true)] out string? serial) =>
        TryRead(typed, ShortestSerial, LongestSerial, out serial);

    /// <summary>The letters A to Z and digits of a text, in capitals; false when it holds anything else, too few or too many.</summary>
    public static bool TryRead(string? typed, int fewest, int most, [NotNullWhen(true)] out string? read)
    {
        read = null;
        if (typed is null || typed.Length > LongestTyped)
        {
            return false;
        }

        var text = new StringBuilder(typed.Length);
        foreach (var c in typed.Select(Plain))
        {
            if (char.IsAsciiLetterOrDigit(c))
            {
                text.Append(char.ToUpperInvariant(c));
            }
            else if (!char.IsWhiteSpace(c) && char.GetUnicodeCategory(c) != System.Globalization.UnicodeCategory.DashPunctuation)
            {
                return false;
            }
        }

        read = text.ToString();
        return read.Length >= fewest && read.Length <= most;
    }

    /// <summary>A full-width character as its plain one.</summary>
    private static char Plain(char c) => c is >= '！' and <= '～' ? (char)(c - '！' + '!') : c;
}
