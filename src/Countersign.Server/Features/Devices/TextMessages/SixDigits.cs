using System.Text;

namespace Countersign.Server.Features.Devices.TextMessages;

/// <summary>Reads a code of six digits as people type it: spaces, hyphens and full-width digits are theirs to use.</summary>
internal static class SixDigits
{
    private const int Count = 6;
    private const int LongestResponse = 32;

    public static bool TryRead(string typed, out string digits)
    {
        digits = string.Empty;
        if (typed.Length > LongestResponse)
        {
            return false;
        }

        var read = new StringBuilder(Count);
        foreach (var c in typed)
        {
            if (char.IsAsciiDigit(c))
            {
                read.Append(c);
            }
            else if (c is >= '０' and <= '９')
            {
                read.Append((char)('0' + (c - '０')));
            }
            else if (!char.IsWhiteSpace(c) && c is not '-')
            {
                return false;
            }
        }

        digits = read.ToString();
        return digits.Length == Count;
    }
}
