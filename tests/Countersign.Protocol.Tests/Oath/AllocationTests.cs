using Countersign.Protocol.Oath;
using Base32 = Countersign.Protocol.Oath.Base32;

namespace Countersign.Protocol.Tests.Oath;

/// <summary>What is called for each code that arrives takes no memory.</summary>
public sealed class AllocationTests
{
    private const string Text = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
    private static readonly byte[] Key = "12345678901234567890"u8.ToArray();
    private static readonly DateTimeOffset Now = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);
    private static readonly TotpParameters Parameters = new();
    private static readonly OcraSuite Suite =
        OcraSuite.TryParse("OCRA-1:HOTP-SHA1-6:QN08", out var suite) ? suite : throw new InvalidOperationException();

    [Fact]
    public void Finding_a_counter() => AllocatesNothing(static () => Hotp.FindCounter(Key, "287082", from: 0, window: 10));

    [Fact]
    public void Finding_a_time_step() =>
        AllocatesNothing(static () => Totp.FindStep(Key, "123456", Now, Parameters, stepsBack: 1, stepsAhead: 1));

    [Fact]
    public void Verifying_a_response() =>
        AllocatesNothing(static () => Ocra.Verify(Suite, Key, new OcraInput { Question = "00000000" }, "237653"));

    [Fact]
    public void Computing_into_memory_of_the_caller() => AllocatesNothing(static () =>
    {
        Span<char> code = stackalloc char[8];
        _ = Hotp.TryCompute(Key, counter: 1, code, out _);
        _ = Ocra.TryCompute(Suite, Key, new OcraInput { Question = "00000000" }, code, out _);
    });

    [Fact]
    public void Reading_and_writing_Base32_in_memory_of_the_caller() => AllocatesNothing(static () =>
    {
        Span<byte> bytes = stackalloc byte[20];
        Span<char> text = stackalloc char[32];
        _ = Base32.TryDecode(Text, bytes, out _);
        _ = Base32.TryEncode(bytes, text, out _);
    });

    private static void AllocatesNothing(Action call)
    {
        call();
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++)
        {
            call();
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }
}
