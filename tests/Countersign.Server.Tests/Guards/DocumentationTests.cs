using System.Collections;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Countersign.Testing;

namespace Countersign.Server.Tests.Guards;

/// <summary>The documents promise nothing that is not there, and leave out no setting.</summary>
public sealed partial class DocumentationTests
{
    // Help articles are no documents: their links are addresses of pages, and ArticleTests and HelpPageTests follow them.
    private static readonly string[] NotOurs = ["artifacts", "node_modules", "bin", "obj", "Articles"];

    [Fact]
    public void Operations_list_every_setting_with_its_default_and_range_and_no_other()
    {
        var described = SettingRow().Matches(Read("docs/operations.md"))
            .Select(row => (
                Name: row.Groups["name"].Value,
                Default: row.Groups["default"].Value.Trim().Trim('`'),
                Range: row.Groups["range"].Value.Trim()));
        var settings = Settings().ToList();

        Assert.NotEmpty(settings);
        Assert.Equal(settings.Select(s => $"{s.Name} = {s.Default}").Order(), described.Select(d => $"{d.Name} = {d.Default}").Order());
        Assert.Equal(
            settings.Where(s => s.Range is not null).Select(s => $"{s.Name}: {s.Range}").Order(),
            described.Where(d => settings.Exists(s => s.Name == d.Name && s.Range is not null))
                .Select(d => $"{d.Name}: {d.Range}")
                .Order());
    }

    [Fact]
    public void Every_link_leads_to_a_file_and_a_heading_that_exist()
    {
        var documents = Documents().ToList();
        var broken = from document in documents
                     from Match link in Link().Matches(WithoutCode(Read(document)))
                     let target = link.Groups["target"].Value
                     where !IsElsewhere(target) && !Resolves(document, target)
                     select $"{document}: {target}";

        Assert.Contains("README.md", documents);
        Assert.Empty(broken);
    }

    [Fact]
    public void Every_test_that_a_document_names_exists()
    {
        var sources = Directory.EnumerateFiles(Path.Combine(Repository.Root, "tests"), "*.cs", SearchOption.AllDirectories)
            .Select(File.ReadAllText)
            .ToList();
        var named = Documents()
            .SelectMany(d => TestName().Matches(Read(d)))
            .Select(m => (Class: m.Groups["class"].Value, Method: m.Groups["method"].Value))
            .Distinct()
            .ToList();

        var missing = named.Where(test => !sources.Exists(source =>
            Regex.IsMatch(source, $@"\bclass {test.Class}\b") && source.Contains($" {test.Method}(", StringComparison.Ordinal)));

        Assert.NotEmpty(named);
        Assert.Empty(missing.Select(test => $"{test.Class}.{test.Method}"));
    }

    [Fact]
    public void Every_fault_that_operations_list_is_shown_by_a_test_or_by_a_script_that_exists()
    {
        var operations = Read("docs/operations.md");
        var from = operations.IndexOf("## What breaks", StringComparison.Ordinal);
        var rows = operations[from..operations.IndexOf("\n## ", from, StringComparison.Ordinal)].Split('\n')
            .Where(line => line.StartsWith("| **", StringComparison.Ordinal))
            .ToList();
        var known = Directory.EnumerateFiles(Path.Combine(Repository.Root, "bench/Countersign.Faults"), "*.cs", SearchOption.AllDirectories)
            .SelectMany(file => RunName().Matches(File.ReadAllText(file)).Select(m => m.Groups["name"].Value))
            .ToHashSet(StringComparer.Ordinal);
        var named = Documents().SelectMany(d => FaultName().Matches(Read(d)).Select(m => m.Groups["name"].Value)).ToList();

        Assert.NotEmpty(rows);
        Assert.All(rows, row => Assert.True(FaultName().IsMatch(row) || TestName().IsMatch(row), row));
        Assert.NotEmpty(named);
        Assert.Empty(named.Except(known, StringComparer.Ordinal));
        Assert.All(["eng/faults/run", "eng/restore-drill"], script => Assert.True(File.Exists(Path.Combine(Repository.Root, script))));
    }

    [Fact]
    public void The_readme_says_how_to_run_and_how_to_test()
    {
        var lines = Read("README.md").Split('\n').Select(line => line.Trim()).ToList();

        Assert.All(["./run", "./test"], command =>
        {
            Assert.Contains(command, lines);
            Assert.True(File.Exists(Path.Combine(Repository.Root, command)), command);
        });
    }

    /// <summary>
    /// What can be set: options classes are those with a section, and the binder fills lists but no property that is only
    /// initialised.
    /// </summary>
    private static IEnumerable<(string Name, string Default, string? Range)> Settings() =>
        from type in typeof(CountersignHost).Assembly.GetTypes()
        let section = type.GetField("Section", BindingFlags.Public | BindingFlags.Static)
        where section is { IsLiteral: true }
        let defaults = Activator.CreateInstance(type)
        from property in type.GetProperties()
        where IsBound(property)
        select ($"{section.GetRawConstantValue()}:{property.Name}", InWords(property.GetValue(defaults)), Range(property));

    private static bool IsBound(PropertyInfo property) => property.SetMethod is { IsPublic: true } setter
        ? !setter.ReturnParameter.GetRequiredCustomModifiers().Contains(typeof(IsExternalInit))
        : property.PropertyType != typeof(string) && property.PropertyType.IsAssignableTo(typeof(IEnumerable));

    private static string InWords(object? value) => value switch
    {
        null or "" => "empty",
        string text => text,
        bool yes => yes ? "true" : "false",
        TimeSpan time => time.ToString("c", CultureInfo.InvariantCulture),
        IDictionary { Count: > 0 } map => string.Join(", ", map.Keys.Cast<object>().Select(k => $"{k} {map[k]}")),
        IEnumerable list => string.Join(", ", list.Cast<object>()) is { Length: > 0 } members ? members : "empty",
        _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };

    private static string? Range(PropertyInfo property) =>
        property.GetCustomAttribute<RangeAttribute>() is { } range
            ? string.Create(CultureInfo.InvariantCulture, $"{range.Minimum} – {range.Maximum}")
            : property.GetCustomAttribute<StringLengthAttribute>() is { } length
            ? $"{length.MinimumLength} – {length.MaximumLength} characters"
            : null;

    private static bool IsElsewhere(string target) =>
        target.Contains("://", StringComparison.Ordinal) || target.StartsWith("mailto:", StringComparison.Ordinal);

    private static bool Resolves(string document, string target)
    {
        var parts = target.Split('#', 2);
        var path = parts[0].Length == 0 ? document : Path.Combine(Path.GetDirectoryName(document)!, Uri.UnescapeDataString(parts[0]));
        return Path.Exists(Path.Combine(Repository.Root, path))
            && (parts.Length == 1 || Anchors(Read(path)).Contains(parts[1], StringComparer.Ordinal));
    }

    /// <summary>Headings as GitHub names them: lower case, without marks, hyphens for spaces, numbered when they repeat.</summary>
    private static IEnumerable<string> Anchors(string text) =>
        Heading()
            .Matches(Block().Replace(text, string.Empty))
            .Select(m => Mark().Replace(m.Groups["text"].Value.Trim().ToLowerInvariant(), string.Empty).Replace(' ', '-'))
                .GroupBy(name => name, StringComparer.Ordinal)
                .SelectMany(same => same.Select((name, i) => i == 0 ? name : string.Create(CultureInfo.InvariantCulture, $"{name}-{i}")));

    private static IEnumerable<string> Documents() =>
        Directory.EnumerateFiles(Repository.Root, "*.md", SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(Repository.Root, file))
            .Where(
                file => !file.Split(Path.DirectorySeparatorChar).Any(
                    part => part.StartsWith('.') || NotOurs.Contains(part, StringComparer.Ordinal)));

    private static string Read(string path) => File.ReadAllText(Path.Combine(Repository.Root, path));

    /// <summary>A link in a sample is none.</summary>
    private static string WithoutCode(string text) => Span().Replace(Block().Replace(text, string.Empty), string.Empty);

    [GeneratedRegex(@"^\| `(?<name>[A-Z]\w*(?::[A-Z]\w*)+)` \|(?<default>[^|]*)\|(?<range>[^|]*)\|", RegexOptions.Multiline)]
    private static partial Regex SettingRow();

    [GeneratedRegex(@"\]\((?<target>[^)\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"`(?<class>[A-Z]\w*?(?:Tests|Journeys|Page))\.(?<method>[A-Z]\w*)`")]
    private static partial Regex TestName();

    [GeneratedRegex(@"\beng/faults/run (?<name>[a-z]+(?:-[a-z]+)*)")]
    private static partial Regex FaultName();

    [GeneratedRegex(@"\bName => ""(?<name>[a-z-]+)""")]
    private static partial Regex RunName();

    [GeneratedRegex(@"^#{1,6} +(?<text>.+)$", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex(@"[^\p{L}\p{N} _-]")]
    private static partial Regex Mark();

    [GeneratedRegex(@"^```.*?^```[^\n]*|^ {4}[^\n]*", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Block();

    [GeneratedRegex(@"`[^`\n]+`")]
    private static partial Regex Span();
}
