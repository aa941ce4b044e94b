using Countersign.Protocol.Oath;
using CsCheck;

namespace Countersign.Protocol.Tests.Oath;

/// <summary>What the property tests of one-time passwords try.</summary>
internal static class OathGen
{
    public static Gen<byte[]> Keys { get; } = Gen.Byte.Array[1, 80];

    public static Gen<OathHash> Hashes { get; } = Gen.OneOf(
        Gen.Const(OathHash.Sha1), Gen.Const(OathHash.Sha256), Gen.Const(OathHash.Sha512));

    public static Gen<int> Digits { get; } = Gen.Int[Hotp.MinDigits, Hotp.MaxDigits];

    public static Gen<TotpParameters> Parameters { get; } =
        Gen.Select(Hashes, Digits, Gen.OneOf(
            Gen.Const(30), Gen.Int[1, TotpParameters.MaxPeriod]), (hash, digits, period) => new TotpParameters(hash, digits, period));

    /// <summary>Every code that differs from this one in exactly one digit.</summary>
    public static IEnumerable<string> OneDigitOff(string code) =>
        from at in Enumerable.Range(0, code.Length)
        from digit in "0123456789"
        where digit != code[at]
        select $"{code[..at]}{digit}{code[(at + 1)..]}";
}
