using System.Globalization;
using System.Numerics;
using System.Security.Cryptography;
using System.Text;
using Countersign.Protocol.Oath;

namespace Countersign.Protocol.Tests.Oath;

/// <summary>
/// A second implementation of OCRA, written from the standard in another way: all inputs are hexadecimal text that is padded with
/// the character 0, as in appendix A.
/// </summary>
internal static class OcraReference
{
    public static string Compute(OcraSuite suite, byte[] key, OcraCase input)
    {
        using var mac = IncrementalHash.CreateHMAC(new HashAlgorithmName(suite.Hash.ToString().ToUpperInvariant()), key);
        mac.AppendData(Convert.FromHexString(DataInput(suite, input)));
        var digest = mac.GetHashAndReset();
        if (suite.Digits == 0)
        {
            return string.Concat(digest.Select(b => b.ToString("x2", CultureInfo.InvariantCulture)));
        }

        var four = digest.Skip(digest[^1] % 16).Take(4).Aggregate(BigInteger.Zero, (sum, b) => (sum * 256) + b) % BigInteger.Pow(2, 31);
        return (four % BigInteger.Pow(10, suite.Digits)).ToString(CultureInfo.InvariantCulture).PadLeft(suite.Digits, '0');
    }

    public static string DataInput(OcraSuite suite, OcraCase input)
    {
        var hex = new StringBuilder(Convert.ToHexString(Encoding.ASCII.GetBytes(suite.ToString()))).Append("00");
        hex.Append(input.Counter?.ToString("X16", CultureInfo.InvariantCulture));
        hex.Append(Question(suite.QuestionFormat, input.Question).PadRight(256, '0'));
        hex.Append(Convert.ToHexString(input.PinHash));
        hex.Append(suite.SessionLength is { } length ? Convert.ToHexString(input.Session).PadLeft(2 * length, '0') : "");
        hex.Append(input.TimeStep?.ToString("X16", CultureInfo.InvariantCulture));
        return hex.ToString();
    }

    private static string Question(OcraQuestionFormat format, string question) => format switch
    {
        OcraQuestionFormat.Numeric => Hexadecimal(BigInteger.Parse(question, CultureInfo.InvariantCulture)),
        OcraQuestionFormat.Hexadecimal => question.ToUpperInvariant(),
        _ => Convert.ToHexString(Encoding.UTF8.GetBytes(question)),
    };

    // The text of a BigInteger may begin with a zero, which keeps it positive.
    private static string Hexadecimal(BigInteger number) =>
        number.IsZero ? "0" : number.ToString("X", CultureInfo.InvariantCulture).TrimStart('0');
}

/// <summary>The inputs of OCRA as a value that can be kept.</summary>
internal sealed record OcraCase(string Question, long? Counter, byte[] PinHash, byte[] Session, long? TimeStep)
{
    public OcraInput ToInput() =>
        new() { Question = Question, Counter = Counter, PinHash = PinHash, Session = Session, TimeStep = TimeStep };
}
