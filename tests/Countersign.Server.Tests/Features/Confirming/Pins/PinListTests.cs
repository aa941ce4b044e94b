using System.Globalization;
using System.Text.RegularExpressions;
using Countersign.Testing;

namespace Countersign.Server.Tests.Features.Confirming.Pins;

/// <summary>The lists are read by people as well: sorted, without duplicates, in the form that the rules expect.</summary>
public sealed partial class PinListTests
{
    public static TheoryData<string> Files => [.. Directory.EnumerateFiles(Folder, "*.txt").Select(f => Path.GetFileName(f))];

    private static string Folder => Path.Combine(Repository.Root, "src", "Countersign.Server", "Features", "Confirming", "Pins", "Lists");

    [Theory]
    [MemberData(nameof(Files))]
    public void A_list_is_sorted_and_holds_words_of_three_characters_or_more(string file)
    {
        var lines = File.ReadAllLines(Path.Combine(Folder, file));

        Assert.Equal(lines.Order(StringComparer.Ordinal), lines);
        Assert.All(lines, line => Assert.Matches(Entry(), line));
        Assert.Equal(lines.Length, lines.Select(Joined).Distinct(StringComparer.Ordinal).Count());
        Assert.All(lines, line => Assert.True(Joined(line).Length >= 3, line));
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void The_document_counts_a_list_as_it_is(string file)
    {
        var entries = File.ReadAllLines(Path.Combine(Folder, file)).Length.ToString("N0", CultureInfo.InvariantCulture);

        Assert.Contains(
            $"| `{file}` | {entries} |", File.ReadAllText(Path.Combine(Repository.Root, "docs", "pin-lists.md")), StringComparison.Ordinal);
    }

    private static string Joined(string line) => line.Replace(" ", string.Empty, StringComparison.Ordinal);

    [GeneratedRegex("^[a-z0-9]+( [a-z0-9]+)*$")]
    private static partial Regex Entry();
}
