using System.Text;
using Countersign.Protocol.Messages;
using Countersign.Protocol.Oath;

namespace Countersign.Fuzz.Targets;

/// <summary>Every parser of the protocol library.</summary>
internal static class FuzzTargets
{
    public static IReadOnlyList<FuzzTarget> All { get; } =
    [
        new(
            "ocra-suite",
            ["OCRA-1:HOTP-SHA512-10:C-QN08-PSHA1-S064-T1M", "OCRA-1:HOTP-SHA256-0:QH64-PSHA256", "OCRA-1:HOTP-SHA1-4:QA04-S512-T48H"],
            ReadsSuite),
        new(
            "otpauth-uri",
            [
                "otpauth://totp/Example%20Broker:mei.chan?secret=GEZDGNBVGY3TQOJQ"
                    + "&issuer=Example%20Broker&algorithm=SHA256&digits=8&period=60",
                "otpauth://totp/%E4%B8%AD:a%3Ab?secret=mzxw-6ytb-oi%3D&image=x",
                "otpauth://totp/a?secret=MY",
            ],
            ReadsAddress),
        new("base32", ["MZXW6YTBOI======", "mzxw 6ytb-oi", "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"], ReadsBase32),
        new(
            "origin-bound-code",
            ["Your code is 747723.\n\n@example.com #747723", "@example.com #747723 %frame.example", "\r\n@a.b #1 @c.d "],
            ReadsCode),
        .. DPoPTargets.All,
    ];

    public static FuzzTarget? Find(string name) => All.FirstOrDefault(target => target.Name == name);

    private static bool ReadsSuite(string text)
    {
        if (!OcraSuite.TryParse(text, out var suite))
        {
            return false;
        }

        Require(text.Length <= OcraSuite.MaxLength && text.All(c => c is > ' ' and <= '~'), "A suite is short and visible.");
        Require(suite.ToString() == text && OcraSuite.Parse(text).Equals(suite), "A suite is written as it was read.");
        Require(suite.Digits is 0 or (>= 4 and <= 10) && suite.QuestionLength is >= 4 and <= 64, "Lengths are within their limits.");
        Require(suite.SessionLength is null or (>= 1 and <= 512), "The session is within its limits.");
        Require(
            suite.TimeStep is not { } step || (step >= TimeSpan.FromSeconds(1) && step <= TimeSpan.FromHours(48)),
            "The step is within its limits.");
        Require(Answers(suite).Length == suite.ResponseLength, "A suite that is read can be answered.");
        return true;
    }

    private static string Answers(OcraSuite suite) => Ocra.Compute(suite, "key"u8, new OcraInput
    {
        Question = "1234",
        Counter = suite.HasCounter ? 1 : null,
        PinHash = suite.PinHash is { } hash ? OcraPin.Hash(hash, "1234") : [],
        Session = suite.SessionLength is { } length ? new byte[length] : [],
        TimeStep = suite.TimeStep is null ? null : suite.StepAt(DateTimeOffset.UnixEpoch),
    });

    private static bool ReadsAddress(string text)
    {
        if (!OtpAuthUri.TryParse(text, out var address))
        {
            return false;
        }

        Require(text.Length <= OtpAuthUri.MaxLength && address.ToString().Length <= OtpAuthUri.MaxLength, "An address is short.");
        Require(address.Key.Length is > 0 and <= OtpAuthUri.MaxKeyLength, "The key is within its limits.");
        Require(
            OtpAuthUri.TryParse(address.ToString(), out var again) && again.Equals(address), "An address that is written is read back.");
        return true;
    }

    private static bool ReadsBase32(string text)
    {
        if (!Base32.TryDecode(text, out var bytes))
        {
            return false;
        }

        Require(text.Length <= Base32.MaxLength && bytes.Length <= Base32.MaxBytes, "The text is short.");
        Require(
            Base32.TryDecode(Base32.Encode(bytes), out var again) && again.AsSpan().SequenceEqual(bytes),
            "Bytes that are written are read back.");
        Require(
            Base32.Encode(bytes).Equals(
                new StringBuilder(text).Replace(" ", "").Replace("-", "").Replace("=", "").ToString(), StringComparison.OrdinalIgnoreCase),
            "Bytes have one spelling.");
        return true;
    }

    private static bool ReadsCode(string text)
    {
        if (!OriginBoundCode.TryParse(text, out var code))
        {
            return false;
        }

        Require(text.Contains($"@{code.TopLevelHost} #{code.Code}", StringComparison.Ordinal), "What was read stands in the message.");
        Require(
            !OriginBoundCode.IsHost(code.TopLevelHost) || !IsWritable(code.Code) || ReadsBack(code),
            "A code that is written is read back.");
        return true;
    }

    private static bool IsWritable(string code) => code.All(c => c is > ' ' and <= '~' and not '#');

    private static bool ReadsBack(OriginBoundCode code) =>
        OriginBoundCode.TryParse(OriginBoundCode.Format("text", code.TopLevelHost, code.Code), out var again)
        && (again.TopLevelHost, again.Code, again.EmbeddedHost) == (code.TopLevelHost, code.Code, null);

    internal static void Require(bool holds, string promise)
    {
        if (!holds)
        {
            throw new FuzzFailure($"Broken: {promise}");
        }
    }
}
