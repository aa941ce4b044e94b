using System.Buffers;
using System.Text;

namespace Countersign.Protocol.Oath;

/// <summary>What may be shown to a person: well-formed Unicode without control characters.</summary>
internal static class PrintableText
{
    public static bool Is(ReadOnlySpan<char> text)
    {
        while (!text.IsEmpty)
        {
            if (Rune.DecodeFromUtf16(text, out var rune, out var length) != OperationStatus.Done || Rune.IsControl(rune))
            {
                return false;
            }

            text = text[length..];
        }

        return true;
    }
}
