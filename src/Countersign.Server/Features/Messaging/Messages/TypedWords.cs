using System.Globalization;
using System.Text.RegularExpressions;

namespace Countersign.Server.Features.Messaging.Messages;

/// <summary>
/// What a person typed, such as a device's name, within our own words. It stands between directional isolates (Unicode UAX #9), which no
/// name may hold: pages show it, mail quotes it, and an SMS or a call never has it, since it may be written for whoever gets that (D34).
/// </summary>
internal static partial class TypedWords
{
    public const char First = '\u2068';
    public const char Last = '\u2069';

    public static string Mark(string typed) => First + typed + Last;

    /// <summary>Our own words alone.</summary>
    public static string Without(string text) => Marked().Replace(text, string.Empty);

    public static string Quoted(string text, CultureInfo language) => Marked().Replace(
        text, m => (language.Name == "zh-Hant" ? $"「{m.Groups["typed"].Value}」" : $"“{m.Groups["typed"].Value}”") + m.Groups["gap"].Value);

    [GeneratedRegex("\u2068(?<typed>[^\u2069]*)\u2069(?<gap> ?)")]
    private static partial Regex Marked();
}
