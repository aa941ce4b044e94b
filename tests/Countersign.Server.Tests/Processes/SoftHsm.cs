using System.Diagnostics;
using Countersign.Testing;

namespace Countersign.Server.Tests.Processes;

/// <summary>
/// A token of SoftHSM in a folder of its own. Its module reads the environment when the process starts, so only processes of ours
/// use it.
/// </summary>
internal sealed class SoftHsm : IDisposable
{
    public const string Module = "/usr/lib/softhsm/libsofthsm2.so";
    private const string Label = "countersign";
    private const string Pin = "87654321";
    private readonly TestFolder _folder = new();

    private SoftHsm()
    {
        var tokens = Directory.CreateDirectory(Path.Combine(_folder.Path, "tokens")).FullName;
        File.WriteAllText(Configuration, $"directories.tokendir = {tokens}\nobjectstore.backend = file\nlog.level = ERROR\n");
        WritePin(PinFile, Pin);
    }

    public string PinFile => Path.Combine(_folder.Path, "pin");

    /// <summary>What a process needs in its environment.</summary>
    public IReadOnlyDictionary<string, string> Environment => new Dictionary<string, string> { ["SOFTHSM2_CONF"] = Configuration };

    /// <summary>The settings that name the token.</summary>
    public IReadOnlyList<string> Settings =>
        ["--set", $"Keys:Pkcs11:Module={Module}", "--set", $"Keys:Pkcs11:TokenLabel={Label}", "--set", $"Keys:Pkcs11:PinFile={PinFile}"];

    /// <summary>The same, and that keys lie there.</summary>
    public IReadOnlyList<string> Source => [.. Settings, "--set", "Keys:Source=Pkcs11"];

    public static async Task<SoftHsm> NewAsync()
    {
        var hsm = new SoftHsm();
        TestSecrets.Note(Pin);
        var start =
            new ProcessStartInfo("softhsm2-util", ["--init-token", "--free", "--label", Label, "--so-pin", "12345678", "--pin", Pin])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            };
        start.Environment["SOFTHSM2_CONF"] = hsm.Configuration;
        using var process = Process.Start(start)!;
        await process.WaitForExitAsync().WaitAsync(Waiting.Ceiling);
        Assert.Equal(0, process.ExitCode);
        return hsm;
    }

    public static void WritePin(string path, string pin) => File.WriteAllText(path, pin + "\n");

    public void Dispose() => _folder.Dispose();

    private string Configuration => Path.Combine(_folder.Path, "softhsm2.conf");
}
