namespace Countersign.Server.Features.Messages.Applications;

/// <summary>How many parts an SMS is sent in (3GPP TS 23.038 and 23.040): one of 160 septets or 70 UTF-16 units, else parts of 153 or 67.</summary>
internal static class SmsParts
{
    private const int SeptetsAlone = 160;
    private const int SeptetsInPart = 153;
    private const int UnitsAlone = 70;
    private const int UnitsInPart = 67;

    private const string Basic =
        "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";

    /// <summary>Each takes two septets.</summary>
    private const string Extended = "^{}\\[~]|€";

    public static int Count(string text)
    {
        var septets = 0;
        foreach (var c in text)
        {
            if (Basic.Contains(c, StringComparison.Ordinal))
            {
                septets++;
            }
            else if (Extended.Contains(c, StringComparison.Ordinal))
            {
                septets += 2;
            }
            else
            {
                return Divide(text.Length, UnitsAlone, UnitsInPart);
            }
        }

        return Divide(septets, SeptetsAlone, SeptetsInPart);
    }

    private static int Divide(int length, int alone, int inPart) => length <= alone ? 1 : (length + inPart - 1) / inPart;
}
