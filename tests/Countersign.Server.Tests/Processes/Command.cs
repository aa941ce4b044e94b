using System.Diagnostics;
using Countersign.Testing;

namespace Countersign.Server.Tests.Processes;

/// <summary>The built program, run for one command.</summary>
internal static class Command
{
    private static readonly string Dll = Path.Combine(Repository.Root, "artifacts/bin/Countersign.Server/release/countersign.dll");
    private static readonly TimeSpan Ceiling = Waiting.Ceiling;

    public static async Task<(int Code, string Output)> RunAsync(
        IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null)
    {
        var start = new ProcessStartInfo("dotnet", [Dll, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync().WaitAsync(Ceiling);
        return (process.ExitCode, await output + await errors);
    }

    /// <summary>One that has to succeed; yields what it wrote.</summary>
    public static async Task<string> DoAsync(IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null)
    {
        var (code, output) = await RunAsync(arguments, environment);
        Assert.True(code == 0, output);
        return output;
    }

    /// <summary>One that has to be refused with a sentence and nothing of the program's insides.</summary>
    public static async Task RefusedAsync(
        string why, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null)
    {
        var (code, output) = await RunAsync(arguments, environment);
        Assert.Equal(1, code);
        Assert.Contains(why, output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", output, StringComparison.Ordinal);
        Assert.DoesNotContain("Exception", output, StringComparison.Ordinal);
    }
}
