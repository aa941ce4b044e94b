using System.Runtime.InteropServices;
using System.Text;

namespace Countersign.Fuzz.Targets;

/// <summary>A parser to be given anything. It may say no; it may not throw, leave its limits, or read what it cannot write back.</summary>
/// <param name="Name">What it is called on the command line.</param>
/// <param name="Seeds">Texts that it reads, from which others are made.</param>
/// <param name="Reads">Parses a text and checks what came out of it: true if it was read.</param>
internal sealed record FuzzTarget(string Name, IReadOnlyList<string> Seeds, Func<string, bool> Reads)
{
    /// <summary>Parses bytes as UTF-8, and as UTF-16, in which halves of characters can occur.</summary>
    /// <returns>True if one of the texts was read.</returns>
    /// <exception cref="FuzzFailure">The parser broke a promise; the text is named.</exception>
    public bool Run(ReadOnlySpan<byte> bytes)
    {
        var (utf8, utf16) = (Encoding.UTF8.GetString(bytes), ToUtf16(bytes));
        return Try(utf8) | Try(utf16);
    }

    private static string ToUtf16(ReadOnlySpan<byte> bytes)
    {
        var text = new char[bytes.Length / 2];
        for (var i = 0; i < text.Length; i++)
        {
            text[i] = (char)(bytes[2 * i] | (bytes[(2 * i) + 1] << 8));
        }

        return new string(text);
    }

    private bool Try(string text)
    {
        try
        {
            return Reads(text);
        }
        catch (Exception e)
        {
            // As it is: an encoder would put something else in the place of half a character.
            throw new FuzzFailure(
                $"{Name}: {e.Message} The text in UTF-16: {Convert.ToHexString(MemoryMarshal.AsBytes(text.AsSpan()))}", e);
        }
    }
}

/// <summary>A parser broke a promise.</summary>
internal sealed class FuzzFailure(string message, Exception? inner = null) : Exception(message, inner);
