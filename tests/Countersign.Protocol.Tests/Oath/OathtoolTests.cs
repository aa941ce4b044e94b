using System.Diagnostics;
using System.Globalization;
using Countersign.Protocol.Oath;

namespace Countersign.Protocol.Tests.Oath;

/// <summary>A second opinion, of the program that ships with Linux distributions.</summary>
public sealed class OathtoolTests
{
    private const int Codes = 500;
    private const string Program = "/usr/bin/oathtool";
    private static readonly byte[] Key = [.. Enumerable.Range(3, 20).Select(i => (byte)(i * 97))];

    [Theory]
    [InlineData(0, 6)]
    [InlineData(4_294_967_000, 7)]
    [InlineData(987_654_321_098, 8)]
    public async Task Oathtool_computes_the_same_event_based_codes(long counter, int digits) =>
        Assert.Equal(
            Enumerable.Range(0, Codes).Select(i => Hotp.Compute(Key, counter + i, digits)),
            await AskAsync("--hotp", $"--counter={counter}", $"--digits={digits}"));

    [Theory]
    [InlineData(OathHash.Sha1, 6, 30, 1_767_355_200)]
    [InlineData(OathHash.Sha256, 8, 60, 1_767_355_201)]
    [InlineData(OathHash.Sha512, 7, 30, 1)]
    public async Task Oathtool_computes_the_same_time_based_codes(OathHash hash, int digits, int period, long at)
    {
        var parameters = new TotpParameters(hash, digits, period);
        var step = Totp.StepAt(DateTimeOffset.FromUnixTimeSeconds(at), period);

        Assert.Equal(
            Enumerable.Range(0, Codes).Select(i => Totp.Compute(Key, step + i, parameters)),
            await AskAsync($"--totp={hash}", $"--time-step-size={period}s", $"--now=@{at}", $"--digits={digits}"));
    }

    // The key goes by standard input: the program warns of keys among its arguments.
    private static async Task<string[]> AskAsync(params string[] arguments)
    {
        var ct = TestContext.Current.CancellationToken;
        var window = (Codes - 1).ToString(CultureInfo.InvariantCulture);
        using var process = Process.Start(new ProcessStartInfo(Program, [.. arguments, $"--window={window}", "-"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
        await process.StandardInput.WriteLineAsync(Convert.ToHexString(Key));
        process.StandardInput.Close();
        var output = await process.StandardOutput.ReadToEndAsync(ct);
        await process.WaitForExitAsync(ct);
        Assert.Equal(0, process.ExitCode);
        return output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }
}
