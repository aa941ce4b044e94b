using System.Text;

namespace Countersign.Server.Features.Confirming.Pins;

/// <summary>
/// Brings names, addresses and PINs to the letters a–z and the digits, so that they can be compared. Takes any text: other scripts
/// spell nothing here.
/// </summary>
internal static class Spelling
{
    private const string KeyOfLetter = "22233344455566677778889999";

    /// <summary>
    /// Width and composition are evened out; what is no text becomes the replacement character, on which normalisation would throw.
    /// </summary>
    public static string Normalise(string text) => Repair(text).Normalize(NormalizationForm.FormKC);

    /// <summary>
    /// The words and numbers of a text in small ASCII letters and digits: <c>Queen's Rd. 99A</c> is <c>queens rd 99a</c>.
    /// </summary>
    public static string[] Tokens(string text)
    {
        var folded = new StringBuilder(text.Length);
        foreach (var c in Repair(text).Normalize(NormalizationForm.FormKD).ToLowerInvariant())
        {
            folded.Append(Fold(c));
        }

        return folded.ToString().Split(' ', StringSplitOptions.RemoveEmptyEntries);
    }

    /// <summary>
    /// Words of letters alone, each also as it is written where umlauts are spelled out: <c>muller</c> and <c>mueller</c>.
    /// </summary>
    public static IEnumerable<string> Words(string text)
    {
        var plain = Normalise(text).ToLowerInvariant();
        var spelledOut = plain.Replace("ä", "ae", StringComparison.Ordinal).Replace("ö", "oe", StringComparison.Ordinal).Replace(
            "ü", "ue", StringComparison.Ordinal);
        return Tokens(plain).Concat(Tokens(spelledOut)).Where(t => t.All(char.IsAsciiLetter)).Distinct(StringComparer.Ordinal);
    }

    /// <summary>All letters and digits of a text, one after the other.</summary>
    public static string Joined(string text) => string.Concat(Tokens(text));

    /// <summary>The keys of a phone on which the letters stand: <c>adam</c> is <c>2326</c>. Digits stay.</summary>
    public static string Keys(string letters) => string.Concat(letters.Select(c => char.IsAsciiLetterLower(c) ? KeyOfLetter[c - 'a'] : c));

    private static string Repair(string text)
    {
        var repaired = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            repaired.Append(rune.Value == 0xFFFE ? Rune.ReplacementChar : rune);
        }

        return repaired.ToString();
    }

    // Marks and apostrophes belong to the word in which they stand.
    private static string Fold(char c) => c switch
    {
        _ when char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) => c.ToString(),
        'ß' => "ss",
        'æ' => "ae",
        'œ' => "oe",
        'ø' => "o",
        'đ' or 'ð' => "d",
        'ł' => "l",
        'ı' => "i",
        'þ' => "th",
        '\'' or '’' => string.Empty,
        _ => char.GetUnicodeCategory(c) == System.Globalization.UnicodeCategory.NonSpacingMark ? string.Empty : " ",
    };
}
