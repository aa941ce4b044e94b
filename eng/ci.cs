// The one list of steps. ./test calls it, and a CI service calls ./test, so that both see the same.
#:property PublishAot=false

using System.Buffers;
using System.Diagnostics;
using System.Globalization;
using System.IO.Compression;
using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using System.Xml;
using System.Xml.Linq;

const string Usage = """
    ./test [--only PROJECT] [--filter NAME]

      --only PROJECT   run one test project, such as Server.Tests
      --filter NAME    run the tests whose namespace, class or method contains NAME

    Either option leaves out the format, migration, package, deployment, bench and fault steps: the run is a part,
    not a verdict.
    """;

if (!Options.TryParse(args, out var options))
{
    Console.Error.WriteLine(Usage);
    return 2;
}

Environment.CurrentDirectory = Path.GetDirectoryName((string)AppContext.GetData("EntryPointFileDirectoryPath")!)!;
return new Pipeline(options).Run();

/// <summary>What to run: all, one project, or the tests of one name.</summary>
internal sealed record Options(string? Only, string? Filter)
{
    public bool Partial => Only is not null || Filter is not null;

    public static bool TryParse(string[] args, out Options options)
    {
        options = new Options(null, null);
        for (var i = 0; i < args.Length; i += 2)
        {
            var value = i + 1 < args.Length ? args[i + 1] : null;
            switch (args[i], value)
            {
                case ("--only", not null):
                    options = options with { Only = value };
                    break;
                case ("--filter", not null):
                    options = options with { Filter = value };
                    break;
                default:
                    return false;
            }
        }

        return true;
    }
}

/// <summary>Runs the steps in order and keeps the score.</summary>
internal sealed class Pipeline(Options options)
{
    private const string Solution = "Countersign.slnx";
    private const string Published = "artifacts/publish/ci";

    // Four times what the slowest project needs on a quiet machine: a hanging test must not hang the run. The runner's own --timeout
    // only asks a test to stop. Which one hangs stands in what the program wrote (tests/xunit.runner.json).
    private static readonly string[] WithinCeiling = ["--foreground", "--kill-after=30s", "40m"];

    private static readonly (string Name, string Value)[] Hurried = [("DOTNET_TieredPGO", "0"), ("DOTNET_EnableWriteXorExecute", "0")];

    private readonly string _temporary = Directory.CreateTempSubdirectory("countersign-ci-").FullName;
    private readonly List<string> _failures = [];
    private int _passed;
    private int _failed;
    private int _skipped;
    private int _testsRun;

    public int Run()
    {
        // Idle build processes would outlive the run and hold its output open.
        Environment.SetEnvironmentVariable("MSBUILDDISABLENODEREUSE", "1");
        var logs = TemporaryFolder("logs", "COUNTERSIGN_TEST_LOGS");
        var secrets = TemporaryFolder("secrets", "COUNTERSIGN_TEST_SECRETS");

        if (Step("restore", () => Dotnet("restore", Solution, "--verbosity", "quiet"))
            && Step("build", Build))
        {
            if (!options.Partial)
            {
                CheckFormat();
                CheckMigrations();
                CheckPackage();
                CheckDeployment();
            }

            // What lives for seconds pays for a profile and never earns it: a tenth of the processor time. The second mapping of compiled
            // code, which keeps it from being written and run at once, takes nearly as much.
            foreach (var (name, value) in Hurried)
            {
                Environment.SetEnvironmentVariable(name, value);
            }

            RunTests();
            foreach (var (name, _) in Hurried)
            {
                Environment.SetEnvironmentVariable(name, null);
            }

            if (!options.Partial)
            {
                Step("bench works", () => Dotnet(
                    "run", "--project", "bench/Countersign.Bench", "-c", "Release", "--no-build", "--", "--smoke", "--database", "sqlite"));

                // The quickest of them; the figures of all are in docs/operations.md.
                Step("a killed server loses nothing", () => Fault(
                    "kill-server", "--database", "sqlite", "--users", "1500", "--clients", "4", "--seconds", "2", "--light-hash"));
                Step("a backup brings everything back", () => Fault("restore"));

                // Its model is another one than that of the tests.
                if (Step("publish", () => Run("eng/publish", Published)))
                {
                    Step("published program works", () => Dotnet(
                        "run", "--project", "bench/Countersign.Bench", "-c", "Release", "--no-build", "--", "--smoke", "--server",
                        Published + "/countersign.dll", "--scenario", "sign-in", "--scenario", "code-card", "--scenario", "passkey"));
                }
            }

            Step("nothing secret in the logs", () => LeakCheck.Run(logs, secrets, mayBeEmpty: options.Partial));
        }

        return Report();
    }

    // One compiler for all projects: each would spend half its time on warming up.
    private static string? Build()
    {
        var problem = Dotnet(
            "build", Solution, "--no-restore", "-c", "Release", "-warnaserror", "--nologo", "--tl:off", "--verbosity", "quiet",
            "-p:UseSharedCompilation=true");
        return Dotnet("build-server", "shutdown", "--vbcscompiler") is { } left ? problem ?? left : problem;
    }

    // Only white space: the build has already enforced the code style.
    private void CheckFormat() =>
        Step("format", () => Dotnet("format", "whitespace", Solution, "--no-restore", "--verify-no-changes"));

    private void CheckMigrations()
    {
        if (!Step("restore tools", () => Dotnet("tool", "restore", "--verbosity", "quiet")))
        {
            return;
        }

        foreach (var context in (string[])["SqliteDbContext", "PostgresDbContext"])
        {
            Step($"no migration missing in {context}", () => Dotnet(
                "ef", "migrations", "has-pending-model-changes", "--context", context,
                "--project", "src/Countersign.Server", "--no-build", "--configuration", "Release"));
        }
    }

    // What another implementer gets: with the README that its page shows, and the documentation that editors show.
    private void CheckPackage() =>
        Step("package", () =>
        {
            var folder = Path.Combine(_temporary, "package");
            if (Dotnet(
                "pack", "src/Countersign.Protocol", "--no-build", "-c", "Release", "--nologo", "--verbosity", "quiet", "--output",
                folder) is { } problem)
            {
                return problem;
            }

            using var package = ZipFile.OpenRead(Directory.GetFiles(folder, "*.nupkg").Single());
            string[] wanted = ["README.md", "lib/net10.0/Countersign.Protocol.dll", "lib/net10.0/Countersign.Protocol.xml"];
            var missing = wanted.Except(package.Entries.Select(entry => entry.FullName), StringComparer.Ordinal).ToList();
            return missing.Count == 0 ? null : $"The package lacks {string.Join(" and ", missing)}.";
        });

    // What operators install is taken by what they install it into.
    private void CheckDeployment()
    {
        Step("systemd takes the units", () => Run("eng/check-deploy", "units"));
        Step("nginx takes the proxy's file", () => Run("eng/check-deploy", "proxy"));
        Step("the image is published as below", () => Run("eng/check-deploy", "image"));
    }

    private void RunTests()
    {
        var projects = Directory.GetDirectories("tests", "*.Tests").Select(Path.GetFileName).OfType<string>()
            .Where(name => options.Only is null || name.EndsWith(options.Only, StringComparison.OrdinalIgnoreCase))
            .Order(StringComparer.Ordinal);

        foreach (var project in projects)
        {
            Announce(project);
            var watch = Stopwatch.StartNew();
            var (failedBefore, runBefore) = (_failed, _testsRun);

            RunTestProject(project);
            Conclude(_failed == failedBefore, watch, $"{_testsRun - runBefore} tests");
        }

        if (_testsRun == 0)
        {
            Fail("tests", "No test was run.");
        }
    }

    private void RunTestProject(string project)
    {
        var report = $"{project}.trx";
        List<string> arguments =
        [
            .. WithinCeiling, "dotnet", $"artifacts/bin/{project}/release/{project}.dll", "--results-directory", _temporary,
            "--report-xunit-trx", "--report-xunit-trx-filename", report, "--no-ansi", "--progress", "off",

            // Much of a test is waiting: for a process that starts, a message, a commit.
            "--max-threads", "2x",
        ];
        if (options.Filter is not null)
        {
            arguments.AddRange(["--filter-method", $"*{options.Filter}*"]);
        }

        var (exitCode, output) = Capture("timeout", arguments);
        var failedBefore = _failed;
        var counted = TryCount(Path.Combine(_temporary, report));

        const int NoTestRan = 8;
        const int TimeOut = 124;
        const int Killed = 137;
        var plausible = exitCode == 0 || _failed > failedBefore || (exitCode == NoTestRan && options.Partial);
        if (!counted || !plausible)
        {
            var end = exitCode is TimeOut or Killed ? "did not end in time" : $"ended with code {exitCode}";
            Fail(project, $"The test program {end}{(counted ? "" : ", without a report")}. It wrote:\n{output}");
        }
    }

    private bool TryCount(string report)
    {
        if (!File.Exists(report))
        {
            return false;
        }

        XElement run;
        try
        {
            run = XElement.Load(report);
        }
        catch (XmlException)
        {
            return false;
        }

        var ns = run.Name.Namespace;
        var counters = run.Descendants(ns + "Counters").Single();
        int Sum(params string[] names) => names.Sum(name => (int?)counters.Attribute(name) ?? 0);

        var failed = Sum("failed", "error", "timeout", "aborted");
        _passed += Sum("passed");
        _failed += failed;
        _skipped += Sum("notExecuted");
        _testsRun += Sum("passed") + failed;

        foreach (var result in run.Descendants(ns + "UnitTestResult"))
        {
            if ((string?)result.Attribute("outcome") is not ("Passed" or "NotExecuted"))
            {
                var error = result.Descendants(ns + "ErrorInfo").FirstOrDefault();
                var (message, stack) = (error?.Element(ns + "Message")?.Value, error?.Element(ns + "StackTrace")?.Value);
                _failures.Add($"{(string?)result.Attribute("testName")}\n{message}\n{stack}");
            }
        }

        return true;
    }

    private bool Step(string name, Func<string?> check)
    {
        Announce(name);
        var watch = Stopwatch.StartNew();
        var problem = check();
        if (problem is null)
        {
            _passed++;
        }
        else
        {
            Fail(name, problem);
        }

        Conclude(problem is null, watch);
        return problem is null;
    }

    private void Fail(string name, string problem)
    {
        _failed++;
        _failures.Add($"{name}\n{problem}");
    }

    private static void Announce(string name) => Console.WriteLine($"== {name}");

    private static void Conclude(bool succeeded, Stopwatch watch, string? detail = null) =>
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"   {(succeeded ? "ok" : "FAILED")}, {watch.Elapsed.TotalSeconds:0.0} s{(detail is null ? "" : $", {detail}")}"));

    private int Report()
    {
        foreach (var failure in _failures)
        {
            Console.WriteLine($"\nFAILED {failure.TrimEnd()}");
        }

        var succeeded = _failed == 0;
        if (succeeded || !Directory.EnumerateFiles(_temporary, "*", SearchOption.AllDirectories).Any())
        {
            Directory.Delete(_temporary, recursive: true);
        }
        else
        {
            Console.WriteLine($"\nLogs and reports are kept in {_temporary}");
        }

        Console.WriteLine($"{_passed} passed, {_failed} failed{(_skipped > 0 ? $", {_skipped} skipped" : "")}");
        return succeeded ? 0 : 1;
    }

    private string TemporaryFolder(string name, string variable)
    {
        var folder = Directory.CreateDirectory(Path.Combine(_temporary, name)).FullName;
        Environment.SetEnvironmentVariable(variable, folder);
        return folder;
    }

    private static string? Fault(params string[] arguments) =>
        Dotnet(["run", "--project", "bench/Countersign.Faults", "-c", "Release", "--no-build", "--", .. arguments]);

    private static string? Dotnet(params string[] arguments) => Run("dotnet", arguments);

    private static string? Run(string program, params string[] arguments)
    {
        using var process = Process.Start(program, arguments);
        process.WaitForExit();
        return process.ExitCode == 0 ? null : $"{program} {string.Join(' ', arguments)} ended with code {process.ExitCode}; see above.";
    }

    private static (int ExitCode, string Output) Capture(string program, IEnumerable<string> arguments)
    {
        using var process = Process.Start(
            new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output + errors.Result);
    }
}

/// <summary>Looks in the logs of all test hosts for the codes, passwords and phone numbers that the tests used.</summary>
internal static partial class LeakCheck
{
    public static string? Run(string logFolder, string secretFolder, bool mayBeEmpty)
    {
        var logs = Directory.GetFiles(logFolder, "*", SearchOption.AllDirectories);
        var secrets = Directory.GetFiles(secretFolder).SelectMany(File.ReadLines).Where(line => line.Length > 0)
            .Distinct(StringComparer.Ordinal).ToList();

        // Without either the check would hold whatever the program does.
        if ((logs.Length == 0 || secrets.Count == 0) && !mayBeEmpty)
        {
            return $"{logs.Length} log files and {secrets.Count} secrets: nothing was checked.";
        }

        var codes = secrets.Where(secret => ShortCode().IsMatch(secret)).ToHashSet(StringComparer.Ordinal);
        var texts = SearchValues.Create(
            [.. secrets.Where(secret => !codes.Contains(secret)).SelectMany(Spellings)], StringComparison.Ordinal);

        // The place is named, the secret is not: this output is a log as well.
        var places = from log in logs
                     from line in File.ReadLines(log).Index()
                     where line.Item.AsSpan().ContainsAny(texts) || HoldsCode(line.Item, codes)
                     select $"{log}:{line.Index + 1} holds a secret.";
        var found = places.ToList();
        return found.Count == 0 ? null : string.Join('\n', found);
    }

    // How a log or an address in it may spell the same text. JSON escapes even the + of a phone number, so it is left out.
    private static IEnumerable<string> Spellings(string secret)
    {
        var text = secret.TrimStart('+');
        return [text, JsonEncodedText.Encode(text).ToString(), Uri.EscapeDataString(text), WebUtility.UrlEncode(text)];
    }

    private static bool HoldsCode(string line, HashSet<string> codes)
    {
        foreach (var number in NumbersInLine().EnumerateMatches(line))
        {
            if (codes.Contains(line.Substring(number.Index, number.Length)))
            {
                return true;
            }
        }

        return false;
    }

    [GeneratedRegex("^[0-9]{6,8}$")]
    private static partial Regex ShortCode();

    // A short code counts only where it stands alone: as a part of a longer number, of an identifier
    // or of a decimal fraction it would turn up by chance.
    [GeneratedRegex("(?<![0-9A-Za-z]|[0-9][.,])[0-9]{6,8}(?![0-9A-Za-z])")]
    private static partial Regex NumbersInLine();
}
