using System.Diagnostics;
using System.Globalization;
using System.Text;
using Countersign.Fuzz.Targets;
using SharpFuzz;

var usage = $"""
    dotnet run --project tests/Countersign.Fuzz -- TARGET [--corpus FOLDER | --random SECONDS]

      TARGET             {string.Join(", ", FuzzTargets.All.Select(target => target.Name))}
      --corpus FOLDER    gives it every file of the folder, and a thousand changes of each
      --random SECONDS   gives it changes of its own seeds

    With neither it takes its input from AFL or libFuzzer, for which the library is to be instrumented (sharpfuzz), or from standard
    input, once.
    """;

switch (args)
{
    case [var name] when FuzzTargets.Find(name) is { } target:
        RunInstrumented(target);
        return 0;
    case [var name, "--corpus", var folder] when FuzzTargets.Find(name) is { } target && Directory.Exists(folder):
        return RunCorpus(target, folder);
    case [var name, "--random", var text] when FuzzTargets.Find(name) is { } target && IsSeconds(text, out var seconds):
        return RunRandom(target, TimeSpan.FromSeconds(seconds));
    default:
        Console.Error.WriteLine(usage);
        return 2;
}

static bool IsSeconds(string text, out int seconds) =>
    int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out seconds) && seconds > 0;

static void RunInstrumented(FuzzTarget target)
{
    if (Environment.GetEnvironmentVariable("__LIBFUZZER_SHM_ID") is not null)
    {
        Fuzzer.LibFuzzer.Run(bytes => target.Run(bytes));
        return;
    }

    Fuzzer.Run(stream =>
    {
        using var bytes = new MemoryStream();
        stream.CopyTo(bytes);
        target.Run(bytes.ToArray());
    });
}

static int RunCorpus(FuzzTarget target, string folder)
{
    const int ChangesOfEach = 1_000;
    var files = Directory.GetFiles(folder).Order(StringComparer.Ordinal).Select(File.ReadAllBytes).ToList();
    if (files.Count == 0)
    {
        Console.Error.WriteLine($"There is no file in {folder}.");
        return 2;
    }

    var mutations = new Mutations(files, number: 1);
    return Report(target, files.Concat(Enumerable.Range(0, files.Count * ChangesOfEach).Select(_ => mutations.Next())));
}

static int RunRandom(FuzzTarget target, TimeSpan time)
{
    var started = Stopwatch.GetTimestamp();
    var mutations = new Mutations([.. target.Seeds.Select(Encoding.UTF8.GetBytes)], (ulong)started);
    return Report(target, Endless().TakeWhile(_ => Stopwatch.GetElapsedTime(started) < time).Select(_ => mutations.Next()));
}

static IEnumerable<int> Endless()
{
    while (true)
    {
        yield return 0;
    }
}

static int Report(FuzzTarget target, IEnumerable<byte[]> inputs)
{
    var (given, read) = (0L, 0L);
    try
    {
        foreach (var input in inputs)
        {
            given++;
            read += target.Run(input) ? 1 : 0;
        }
    }
    catch (FuzzFailure failure)
    {
        Console.Error.WriteLine(failure);
        return 1;
    }

    Console.WriteLine(
        string.Create(CultureInfo.InvariantCulture, $"{target.Name}: {given:N0} inputs, {read:N0} of them read, no promise broken."));
    return 0;
}
