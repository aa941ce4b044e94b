namespace Countersign.Protocol.Oath;

/// <summary>What the question of an OCRA suite consists of (RFC 6287 §6.3, table 2).</summary>
public enum OcraQuestionFormat
{
    /// <summary><c>QA</c>: printable text, as its UTF-8 bytes.</summary>
    Alphanumeric,

    /// <summary><c>QN</c>: decimal digits, as the hexadecimal digits of their number.</summary>
    Numeric,

    /// <summary><c>QH</c>: hexadecimal digits of either case.</summary>
    Hexadecimal,
}
