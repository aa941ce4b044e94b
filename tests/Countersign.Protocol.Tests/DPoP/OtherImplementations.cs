using System.Diagnostics;
using Countersign.Testing;

namespace Countersign.Protocol.Tests.DPoP;

/// <summary>Other implementations of proofs, in JavaScript. Without them a test fails.</summary>
internal static class OtherImplementations
{
    private static readonly TimeSpan Ceiling = Waiting.Ceiling;

    public static async Task<string> RunAsync(string script, string input = "")
    {
        var ct = TestContext.Current.CancellationToken;
        using var node = Process.Start(new ProcessStartInfo("node", [Path.Combine(Repository.Root, "tests/tools", script)])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
        await node.StandardInput.WriteAsync(input);
        node.StandardInput.Close();
        var output = await node.StandardOutput.ReadToEndAsync(ct).WaitAsync(Ceiling, ct);
        await node.WaitForExitAsync(ct).WaitAsync(Ceiling, ct);
        Assert.Equal(0, node.ExitCode);
        return output;
    }
}
