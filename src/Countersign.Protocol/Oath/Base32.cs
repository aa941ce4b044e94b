using System.Buffers.Binary;
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
    private const byte None = 0xFF;

    private static ReadOnlySpan<byte> Alphabet => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"u8;

    /// <summary>The value of each ASCII character; <see cref="None"/> for those of no value.</summary>
    private static readonly byte[] Values = ValuesOf(Alphabet);

    /// <summary>Writes bytes as text.</summary>
    /// <param name="bytes">0 to <see cref="MaxBytes"/> bytes.</param>
    /// <returns>Capital letters and the digits 2 to 7, without padding.</returns>
    /// <exception cref="ArgumentException">There are too many bytes.</exception>
    public static string Encode(ReadOnlySpan<byte> bytes) =>
        string.Create(LengthOf(bytes), bytes, static (text, octets) => Write(octets, text));

    /// <summary>Writes bytes as text into memory of the caller.</summary>
    /// <param name="bytes">As for <see cref="Encode"/>.</param>
    /// <param name="destination">Where the characters are written to.</param>
    /// <param name="charsWritten">The number of characters written, or 0.</param>
    /// <returns>False when <paramref name="destination"/> is too short; nothing is written then.</returns>
    /// <exception cref="ArgumentException">As for <see cref="Encode"/>.</exception>
    public static bool TryEncode(ReadOnlySpan<byte> bytes, Span<char> destination, out int charsWritten)
    {
        var length = LengthOf(bytes);
        charsWritten = destination.Length < length ? 0 : length;
        if (destination.Length < length)
        {
            return false;
        }

        Write(bytes, destination[..length]);
        return true;
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
        Span<byte> read = stackalloc byte[MaxBytes];
        bytes = TryDecode(text, read, out var written) ? read[..written].ToArray() : null;
        return bytes is not null;
    }

    /// <summary>Reads text as bytes into memory of the caller.</summary>
    /// <remarks>As for the other one.</remarks>
    /// <param name="text">As for the other one.</param>
    /// <param name="destination">Where the bytes are written to.</param>
    /// <param name="bytesWritten">The number of bytes written, or 0.</param>
    /// <returns>False for text that is no Base32 or too long, or when <paramref name="destination"/> is too short.</returns>
    public static bool TryDecode(ReadOnlySpan<char> text, Span<byte> destination, out int bytesWritten)
    {
        bytesWritten = 0;
        if (text.Length > MaxLength)
        {
            return false;
        }

        var (length, bits, held) = (0, 0u, 0);
        foreach (var c in text.TrimEnd("= "))
        {
            var value = c < Values.Length ? Values[c] : None;
            if (value == None)
            {
                if (c is ' ' or '-')
                {
                    continue;
                }

                return false;
            }

            (bits, held) = ((bits << BitsInCharacter) | value, held + BitsInCharacter);
            if (held >= 8)
            {
                if (length == destination.Length)
                {
                    return false;
                }

                held -= 8;
                destination[length++] = (byte)(bits >> held);
            }
        }

        // One, three or six characters of a group end in the middle of a byte.
        if (held >= BitsInCharacter || (bits & ((1u << held) - 1)) != 0)
        {
            return false;
        }

        bytesWritten = length;
        return true;
    }

    private static int LengthOf(ReadOnlySpan<byte> bytes) =>
        bytes.Length <= MaxBytes
            ? ((bytes.Length * 8) + BitsInCharacter - 1) / BitsInCharacter
            : throw new ArgumentException($"At most {MaxBytes} bytes are written.", nameof(bytes));

    private static void Write(ReadOnlySpan<byte> bytes, Span<char> text)
    {
        var alphabet = Alphabet;
        while (bytes.Length >= BytesInGroup)
        {
            var group = ((ulong)BinaryPrimitives.ReadUInt32BigEndian(bytes) << 8) | bytes[4];
            for (var i = CharactersInGroup - 1; i >= 0; i--)
            {
                text[i] = (char)alphabet[(int)(group & 0x1F)];
                group >>= BitsInCharacter;
            }

            bytes = bytes[BytesInGroup..];
            text = text[CharactersInGroup..];
        }

        var rest = 0ul;
        foreach (var octet in bytes)
        {
            rest = (rest << 8) | octet;
        }

        // What the last character lacks is filled with zeros.
        rest <<= (text.Length * BitsInCharacter) - (bytes.Length * 8);
        for (var i = text.Length - 1; i >= 0; i--)
        {
            text[i] = (char)alphabet[(int)(rest & 0x1F)];
            rest >>= BitsInCharacter;
        }
    }

    private static byte[] ValuesOf(ReadOnlySpan<byte> alphabet)
    {
        var values = new byte[128];
        Array.Fill(values, None);
        for (var i = 0; i < alphabet.Length; i++)
        {
            values[alphabet[i]] = (byte)i;
            values[char.ToLowerInvariant((char)alphabet[i])] = (byte)i;
        }

        return values;
    }
}
