namespace Countersign.Server.Features.Messaging.Messages;

/// <summary>How an SMS is coded and counted: GSM 03.38 where its alphabet suffices, UCS-2 otherwise.</summary>
internal static class SmsText
{
    private const string Basic =
        "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ "
            + "!\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";

    private const string Extended = "\f^{}\\[~]|€";
    private const int WholeGsm7 = 160;
    private const int PartOfGsm7 = 153;
    private const int WholeUcs2 = 70;
    private const int PartOfUcs2 = 67;

    public static bool IsGsm7(string text) =>
        text.All(c => Basic.Contains(c, StringComparison.Ordinal) || Extended.Contains(c, StringComparison.Ordinal));

    /// <summary>How many parts a text travels in. A part never ends within an escape or a surrogate pair.</summary>
    public static int Parts(string text)
    {
        if (IsGsm7(text))
        {
            return Count([.. text.Select(c => Extended.Contains(c, StringComparison.Ordinal) ? 2 : 1)], WholeGsm7, PartOfGsm7);
        }

        return Count([.. text.EnumerateRunes().Select(r => r.Utf16SequenceLength)], WholeUcs2, PartOfUcs2);
    }

    private static int Count(int[] units, int whole, int part)
    {
        if (units.Sum() <= whole)
        {
            return 1;
        }

        var (parts, used) = (1, 0);
        foreach (var unit in units)
        {
            if (used + unit > part)
            {
                (parts, used) = (parts + 1, 0);
            }

            used += unit;
        }

        return parts;
    }
}
