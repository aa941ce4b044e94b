using System.Globalization;

namespace Countersign.Protocol.Oath;

/// <summary>Reads a number that is written in decimal digits and nothing else.</summary>
internal static class PlainNumber
{
    /// <summary>The number, or null if it is none or not within the limits.</summary>
    /// <remarks>
    /// <see cref="int.TryParse(string, NumberStyles, IFormatProvider, out int)"/> alone lets zero characters stand behind a number.
    /// </remarks>
    public static int? Read(ReadOnlySpan<char> text, int least, int most) =>
        !text.ContainsAnyExceptInRange('0', '9')
        && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
        && number >= least && number <= most
            ? number
            : null;
}
