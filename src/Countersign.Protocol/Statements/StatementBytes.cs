using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Countersign.Protocol.Statements;

/// <summary>
/// The one encoding of what a person was shown and agreed to. Its SHA-256 is bound into a challenge, so that a response
/// given to one statement can never be presented as the response to another.
/// </summary>
/// <remarks>
/// <code>
/// statement = header field(purpose) field(language) field(text) count *( field(name) field(value) )
/// header    = the 23 ASCII characters "countersign-statement/1" and LF
/// field(x)  = length, the UTF-8 of x in Unicode normalisation form C, without a byte order mark
/// length    = the number of these UTF-8 bytes, 32 bits unsigned, most significant byte first
/// count     = the number of details, 32 bits unsigned, most significant byte first
/// </code>
/// <para>
/// Every field carries its length and the details their number, so the bytes can be read back in one way only: two statements
/// share bytes only if all their fields are equal after normalisation, which is to say look the same. Nothing is trimmed, no
/// case is folded, line ends stay as they are, and the order of the details counts. Text that is not well-formed Unicode is
/// refused, since a replacement character would let two statements meet. A new layout takes a new number in the header.
/// </para>
/// </remarks>
public static class StatementBytes
{
    /// <summary>The most bytes of UTF-8 that one field may take.</summary>
    public const int MaxFieldLength = 16_384;

    /// <summary>The most details that a statement may have.</summary>
    public const int MaxDetails = 64;

    /// <summary>The number of bytes that <see cref="Hash"/> returns.</summary>
    public const int HashLength = SHA256.HashSizeInBytes;

    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private static ReadOnlySpan<byte> Header => "countersign-statement/1\n"u8;

    /// <summary>Encodes a statement.</summary>
    /// <param name="purpose">The id of the purpose, such as <c>withdrawal</c>: visible ASCII, not empty.</param>
    /// <param name="language">The BCP 47 tag of the language that was shown: visible ASCII, not empty.</param>
    /// <param name="text">Exactly the text that was shown.</param>
    /// <param name="details">The facts that were shown with it, in the order shown.</param>
    /// <returns>The bytes described above.</returns>
    /// <exception cref="ArgumentNullException">An argument, or a name or value of a detail, is null.</exception>
    /// <exception cref="ArgumentException">
    /// A field is not well-formed Unicode or too long, an id is empty or not visible ASCII, or there are too many details.
    /// </exception>
    public static byte[] Encode(string purpose, string language, string text, IReadOnlyList<StatementDetail> details)
    {
        RequireIdentifier(purpose, nameof(purpose));
        RequireIdentifier(language, nameof(language));
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(details);
        if (details.Count > MaxDetails)
        {
            throw new ArgumentException($"A statement has at most {MaxDetails} details.", nameof(details));
        }

        using var bytes = new MemoryStream();
        bytes.Write(Header);
        WriteField(bytes, purpose, nameof(purpose));
        WriteField(bytes, language, nameof(language));
        WriteField(bytes, text, nameof(text));
        WriteNumber(bytes, details.Count);
        foreach (var detail in details)
        {
            WriteField(bytes, detail.Name, nameof(details));
            WriteField(bytes, detail.Value, nameof(details));
        }

        return bytes.ToArray();
    }

    /// <summary>Hashes the encoding of a statement with SHA-256.</summary>
    /// <param name="purpose">As for <see cref="Encode"/>.</param>
    /// <param name="language">As for <see cref="Encode"/>.</param>
    /// <param name="text">As for <see cref="Encode"/>.</param>
    /// <param name="details">As for <see cref="Encode"/>.</param>
    /// <returns><see cref="HashLength"/> bytes.</returns>
    /// <exception cref="ArgumentNullException">As for <see cref="Encode"/>.</exception>
    /// <exception cref="ArgumentException">As for <see cref="Encode"/>.</exception>
    public static byte[] Hash(string purpose, string language, string text, IReadOnlyList<StatementDetail> details) =>
        SHA256.HashData(Encode(purpose, language, text, details));

    private static void RequireIdentifier(string value, string parameter)
    {
        ArgumentException.ThrowIfNullOrEmpty(value, parameter);
        if (value.Any(c => c is <= ' ' or > '~'))
        {
            throw new ArgumentException("Only visible ASCII characters are allowed.", parameter);
        }
    }

    private static void WriteField(MemoryStream bytes, string value, string parameter)
    {
        ArgumentNullException.ThrowIfNull(value, parameter);
        var field = StrictUtf8.GetBytes(value.Normalize(NormalizationForm.FormC));
        if (field.Length > MaxFieldLength)
        {
            throw new ArgumentException($"A field has at most {MaxFieldLength} bytes of UTF-8.", parameter);
        }

        WriteNumber(bytes, field.Length);
        bytes.Write(field);
    }

    private static void WriteNumber(MemoryStream bytes, int value)
    {
        Span<byte> number = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteInt32BigEndian(number, value);
        bytes.Write(number);
    }
}
