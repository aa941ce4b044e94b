using System.Globalization;
using System.Text.RegularExpressions;
using Countersign.Testing;

namespace Countersign.Server.Tests.Guards;

/// <summary>What editors are told in <c>.editorconfig</c> and no compiler enforces.</summary>
public sealed partial class LayoutTests
{
    private static readonly string[] Roots = ["src", "tests", "bench", "eng"];

    // Made by tools, from rows and from packages.
    private static readonly string[] NotOurs = ["Migrations", "obj", "bin", "node_modules"];

    [Fact]
    public void No_line_is_longer_than_the_editors_ruler()
    {
        var ruler = int.Parse(Ruler().Match(Read(".editorconfig")).Groups["columns"].Value, CultureInfo.InvariantCulture);

        Faults.None(
            from file in Sources()
            from line in Read(file).Split('\n').Index()
            where line.Item.Length > ruler
            select $"{file}:{line.Index + 1} has {line.Item.Length} columns, {ruler} are allowed");
    }

    [Fact]
    public void A_namespace_is_named_after_its_folder() => Faults.None(
        from file in Sources()
        let declared = Namespace().Match(Read(file))
        where declared.Success && declared.Groups["name"].Value != NamespaceOf(file)
        select $"{file} is in {declared.Groups["name"].Value}, its folder is {NamespaceOf(file)}");

    /// <summary>A limit that holds on a quiet machine fails on a busy one; all waits share one that is out of reach.</summary>
    [Fact]
    public void A_test_waits_as_long_as_all_wait() => Faults.None(
        from file in Sources()
        where file.StartsWith("tests/", StringComparison.Ordinal)
        from line in Read(file).Split('\n').Index()
        where OwnLimit().IsMatch(line.Item)
        select $"{file}:{line.Index + 1} has a limit of its own: take Waiting.Ceiling");

    /// <summary>Below a project's folder, which is named as the project is.</summary>
    private static string NamespaceOf(string file) => string.Join('.', file.Split('/')[1..^1]);

    private static List<string> Sources()
    {
        var sources = Roots
            .SelectMany(root => Directory.EnumerateFiles(Path.Combine(Repository.Root, root), "*.cs", SearchOption.AllDirectories))
            .Select(file => Path.GetRelativePath(Repository.Root, file).Replace('\\', '/'))
            .Where(file => !file.Split('/').Any(folder => NotOurs.Contains(folder, StringComparer.Ordinal)))
            .Order(StringComparer.Ordinal)
            .ToList();
        Assert.All(Roots, root => Assert.Contains(sources, s => s.StartsWith(root + "/", StringComparison.Ordinal)));
        return sources;
    }

    private static string Read(string file) => File.ReadAllText(Path.Combine(Repository.Root, file));

    [GeneratedRegex(@"^max_line_length = (?<columns>\d+)$", RegexOptions.Multiline)]
    private static partial Regex Ruler();

    [GeneratedRegex(@"\bWaitAsync\(TimeSpan\.From|\bCeiling = TimeSpan\.From|\bUntilAsync\(.*TimeSpan\.From|CancelAfter\(")]
    private static partial Regex OwnLimit();

    [GeneratedRegex(@"^namespace (?<name>[\w.]+)", RegexOptions.Multiline)]
    private static partial Regex Namespace();
}
