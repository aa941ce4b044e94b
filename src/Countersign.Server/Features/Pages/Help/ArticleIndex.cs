using System.Globalization;

namespace Countersign.Server.Features.Pages.Help;

/// <summary>An article as the index lists it.</summary>
/// <param name="Number">Never given twice and never changed: people write it down and read it out.</param>
/// <param name="Slug">Its address below <c>/help/</c>.</param>
/// <param name="Group">The heading under which it is listed.</param>
/// <param name="Changed">When its text last changed.</param>
/// <param name="Audience">Whom it is for.</param>
internal sealed record ArticleEntry(int Number, string Slug, string Group, DateOnly Changed, string Audience);

/// <summary>Reads <c>Articles/index.txt</c>: one article a line, in the order in which they are listed.</summary>
internal static class ArticleIndex
{
    private const int Columns = 5;

    public static IReadOnlyList<ArticleEntry> Read()
    {
        var entries = ArticleFiles.Read("index.txt").Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Where(line => line[0] != '#').Select(Parse).ToList();
        return entries.Select(e => e.Number).Distinct().Count() == entries.Count
            && entries.Select(e => e.Slug).Distinct(StringComparer.Ordinal).Count() == entries.Count
            ? entries
            : throw new HelpException("index.txt", "a number or a slug stands in it twice");
    }

    private static ArticleEntry Parse(string line)
    {
        var parts = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return parts.Length == Columns
            && int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            && DateOnly.TryParseExact(parts[3], "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var changed)
            ? new ArticleEntry(number, parts[1], parts[2], changed, parts[4])
            : throw new HelpException("index.txt", $"a line is not 'number slug group date audience': {line}");
    }
}
