using System.Text;

namespace Countersign.Server.Features.Confirming.Devices;

/// <summary>Reads a code as people type it: spaces, hyphens and full-width digits are theirs to use.</summary>
internal static class Digits
{
    private const int LongestResponse = 32;

    public static bool TryRead(string typed, int count, out string digits)
    {
        digits = string.Empty;
        if (typed.Length > LongestResponse)
        {
            return false;
        }

        var read = new StringBuilder(count);
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
        return digits.Length == count;
    }
}
