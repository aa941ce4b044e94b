// A race that is lost once in fifty times is lost: runs the tests of races often, on a quiet machine and on a busy one.
#:property PublishAot=false

using System.Diagnostics;
using System.Globalization;
using System.Xml.Linq;

const string Usage = """
    eng/race [--times N] [--busy N] [--no-build] [NAME]

      --times N    run each test so often; 50 unless told
      --busy N     beside so many loops that do nothing but take processor time; 0 unless told
      --no-build   take the tests as they were built in Release
      NAME         the tests whose namespace, class or method contains NAME, instead of all races
    """;

if (!Options.TryParse(args, out var options))
{
    Console.Error.WriteLine(Usage);
    return 2;
}

Environment.CurrentDirectory = Directory.GetParent((string)AppContext.GetData("EntryPointFileDirectoryPath")!)!.FullName;
return new Race(options).Run();

/// <summary>What to run, and how often.</summary>
internal sealed record Options(int Times, int Busy, bool Build, string? Name)
{
    public static bool TryParse(string[] args, out Options options)
    {
        options = new Options(Times: 50, Busy: 0, Build: true, Name: null);
        for (var i = 0; i < args.Length; i++)
        {
            switch (args[i])
            {
                case "--times" when Number(args, ++i, least: 1, out var times):
                    options = options with { Times = times };
                    break;
                case "--busy" when Number(args, ++i, least: 0, out var busy):
                    options = options with { Busy = busy };
                    break;
                case "--no-build":
                    options = options with { Build = false };
                    break;
                case [not '-', ..] name when options.Name is null:
                    options = options with { Name = name };
                    break;
                default:
                    return false;
            }
        }

        return true;
    }

    private static bool Number(string[] args, int at, int least, out int number)
    {
        number = 0;
        return at < args.Length && int.TryParse(args[at], NumberStyles.None, CultureInfo.InvariantCulture, out number) && number >= least;
    }
}

/// <summary>Runs the test program again and again, and counts for each test how often it passed.</summary>
internal sealed class Race(Options options)
{
    private const string Project = "Countersign.Server.Tests";

    private readonly string _temporary = Directory.CreateTempSubdirectory("countersign-race-").FullName;
    private readonly SortedDictionary<string, (int Passed, int Run)> _counts = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _firstFailures = new(StringComparer.Ordinal);

    public int Run()
    {
        if (options.Build && Start("dotnet", ["build", $"tests/{Project}", "-c", "Release", "--nologo", "--verbosity", "quiet"]) != 0)
        {
            return 1;
        }

        // Fifty short runs start fifty times: as ci.cs does, without what makes long runs faster and starts slower.
        Environment.SetEnvironmentVariable("DOTNET_TieredPGO", "0");
        Environment.SetEnvironmentVariable("DOTNET_EnableWriteXorExecute", "0");
        KeepBusy();
        var whole = true;
        for (var round = 1; round <= options.Times; round++)
        {
            var watch = Stopwatch.StartNew();
            whole &= RunOnce(round);
            var failed = _counts.Values.Sum(c => c.Run - c.Passed);
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{round} of {options.Times}: {_counts.Count} tests, {watch.Elapsed.TotalSeconds:0.0} s, {failed} failures so far"));
        }

        return Report() && whole ? 0 : 1;
    }

    private bool RunOnce(int round)
    {
        var report = string.Create(CultureInfo.InvariantCulture, $"{round}.trx");
        string[] filters = options.Name is null ? ["--filter-trait", "Kind=race"] : ["--filter-method", $"*{options.Name}*"];
        var exitCode = Start("timeout",
        [
            "--foreground", "--kill-after=30s", "60m", "dotnet", $"artifacts/bin/{Project}/release/{Project}.dll",
            "--results-directory", _temporary, "--report-xunit-trx", "--report-xunit-trx-filename", report,
            "--no-ansi", "--progress", "off", "--max-threads", "2x", .. filters,
        ], Path.Combine(_temporary, string.Create(CultureInfo.InvariantCulture, $"{round}.log")));

        var path = Path.Combine(_temporary, report);
        if (!File.Exists(path))
        {
            Console.WriteLine($"The test program ended with code {exitCode}, without a report; what it wrote is in {_temporary}.");
            return false;
        }

        // A failed test is counted; what fails outside of tests shows in the code alone.
        var failed = _counts.Values.Sum(c => c.Run - c.Passed);
        Count(XElement.Load(path));
        if (exitCode != 0 && _counts.Values.Sum(c => c.Run - c.Passed) == failed)
        {
            Console.WriteLine($"The test program ended with code {exitCode}, though no test failed; what it wrote is in {_temporary}.");
            return false;
        }

        return true;
    }

    private void Count(XElement run)
    {
        var ns = run.Name.Namespace;
        foreach (var result in run.Descendants(ns + "UnitTestResult"))
        {
            var name = (string)result.Attribute("testName")!;
            if ((string?)result.Attribute("outcome") is "NotExecuted")
            {
                continue;
            }

            var passed = (string?)result.Attribute("outcome") == "Passed";
            var (before, times) = _counts.GetValueOrDefault(name);
            _counts[name] = (before + (passed ? 1 : 0), times + 1);
            if (!passed)
            {
                var error = result.Descendants(ns + "ErrorInfo").FirstOrDefault();
                _firstFailures.TryAdd(name, $"{error?.Element(ns + "Message")?.Value}\n{error?.Element(ns + "StackTrace")?.Value}");
            }
        }
    }

    private bool Report()
    {
        foreach (var (name, failure) in _firstFailures)
        {
            Console.WriteLine($"\nFAILED {name}\n{failure.TrimEnd()}");
        }

        Console.WriteLine();
        foreach (var (name, (passed, times)) in _counts)
        {
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{passed,4} of {times,-4} {name}"));
        }

        var succeeded = _counts.Count > 0 && _firstFailures.Count == 0;
        Console.WriteLine(
            _counts.Count == 0 ? $"No test was run; see {_temporary}" : succeeded ? "all passed" : $"reports are kept in {_temporary}");
        if (succeeded)
        {
            Directory.Delete(_temporary, recursive: true);
        }

        return succeeded;
    }

    /// <summary>Loops that end with this program.</summary>
    private void KeepBusy()
    {
        for (var i = 0; i < options.Busy; i++)
        {
            new Thread(() => { while (true) { } }) { IsBackground = true }.Start();
        }
    }

    private static int Start(string program, string[] arguments, string? log = null)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = log is not null })!;
        if (log is not null)
        {
            File.WriteAllText(log, process.StandardOutput.ReadToEnd());
        }

        process.WaitForExit();
        return process.ExitCode;
    }
}
