using System.Diagnostics.CodeAnalysis;

namespace Countersign.Protocol.Oath;

/// <summary>Base32 (RFC 4648 §6), as authenticator apps show and take keys: written without padding, read as people type it.</summary>
public static class Base32
{
    /// <summary>The most characters that are read, and the most that are written.</summary>
    public const int MaxLength = 1_024;

    /// <summary>The most bytes that are written.</summary>
    public const int MaxBytes = MaxLength / CharactersInGroup * BytesInGroup;

    private const int CharactersInGroup = 8;
    private const int BytesInGroup = 5;
    private const int BitsInCharacter = 5;
    private const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

    /// <summary>Writes bytes as text.</summary>
    /// <param name="bytes">0 to <see cref="MaxBytes"/> bytes.</param>
    /// <returns>Capital letters and the digits 2 to 7, without padding.</returns>
    /// <exception cref="ArgumentException">There are too many bytes.</exception>
    public static string Encode(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > MaxBytes)
        {
            throw new ArgumentException($"At most {MaxBytes} bytes are written.", nameof(bytes));
        }

        Span<char> text = stackalloc char[MaxLength];
        var (length, bits, held) = (0, 0, 0);
        foreach (var octet in bytes)
        {
            (bits, held) = (((bits & 0x1F) << 8) | octet, held + 8);
            while (held >= BitsInCharacter)
            {
                held -= BitsInCharacter;
                text[length++] = Alphabet[(bits >> held) & 0x1F];
            }
        }

        if (held > 0)
        {
            text[length++] = Alphabet[(bits << (BitsInCharacter - held)) & 0x1F];
        }

        return new string(text[..length]);
    }

    /// <summary>Reads text as bytes.</summary>
    /// <remarks>
    /// Either case is read, spaces and hyphens are passed over, and padding at the end may be there or not. A text that no bytes
    /// have, as one whose last bits are not zero (RFC 4648 §3.5), is refused: somebody lost or mistook a character.
    /// </remarks>
    /// <param name="text">0 to <see cref="MaxLength"/> characters.</param>
    /// <param name="bytes">What was read, or null.</param>
    /// <returns>False for text that is no Base32 or too long.</returns>
    public static bool TryDecode(ReadOnlySpan<char> text, [NotNullWhen(true)] out byte[]? bytes)
    {
        bytes = null;
        if (text.Length > MaxLength)
        {
            return false;
        }

        Span<byte> read = stackalloc byte[MaxBytes];
        var (length, bits, held) = (0, 0, 0);
        foreach (var c in text.TrimEnd("= "))
        {
            if (c is ' ' or '-')
            {
                continue;
            }

            if (ValueOf(c) is not (>= 0 and var value))
            {
                return false;
            }

            (bits, held) = (((bits & 0xFF) << BitsInCharacter) | value, held + BitsInCharacter);
            if (held >= 8)
            {
                held -= 8;
                read[length++] = (byte)(bits >> held);
            }
        }

        // One, three or six characters of a group end in the middle of a byte.
        if (held >= BitsInCharacter || (bits & ((1 << held) - 1)) != 0)
        {
            return false;
        }

        bytes = read[..length].ToArray();
        return true;
    }

    private static int ValueOf(char c) => c switch
    {
        >= 'A' and <= 'Z' => c - 'A',
        >= 'a' and <= 'z' => c - 'a',
        >= '2' and <= '7' => c - '2' + 26,
        _ => -1,
    };
}
