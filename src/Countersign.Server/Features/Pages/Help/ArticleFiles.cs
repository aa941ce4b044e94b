using System.Globalization;
using System.Text.RegularExpressions;

namespace Countersign.Server.Features.Pages.Help;

/// <summary>A mistake in an article. Articles are built in, so it is one of the program, and the program does not start with it.</summary>
internal sealed class HelpException(string file, string fault) : Exception($"Help, {file}: {fault}.");

/// <summary>A heading below the title.</summary>
/// <param name="Anchor">The same in all languages.</param>
internal sealed record ArticleHeading(int Level, string Anchor);

/// <summary>
/// An article as it is written, in one language: its title, its headings' anchors, and the text below the title without the
/// anchors.
/// </summary>
internal sealed record ArticleSource(ArticleEntry Entry, string File, string Title, IReadOnlyList<ArticleHeading> Headings, string Text);

/// <summary>The files of the articles, as they are built into the program.</summary>
internal static partial class ArticleFiles
{
    public static ArticleSource Read(ArticleEntry entry, CultureInfo language)
    {
        var file = $"{entry.Slug}.{language.Name}.md";
        return Parse(entry, file, Read(file));
    }

    public static ArticleSource Parse(ArticleEntry entry, string file, string text)
    {
        var title = Title().Match(text);
        if (!title.Success)
        {
            throw new HelpException(file, "it does not begin with '# Title'");
        }

        var body = text[title.Length..];
        var headings = Heading().Matches(body).Select(h => new ArticleHeading(h.Groups["level"].Length, h.Groups["anchor"].Value)).ToList();
        if (headings.Exists(h => h.Anchor.Length == 0) || headings.DistinctBy(h => h.Anchor).Count() < headings.Count)
        {
            throw new HelpException(file, "a heading has no {#anchor}, or one that another has");
        }

        return new ArticleSource(entry, file, title.Groups["title"].Value.Trim(), headings, Heading().Replace(body, "${level} ${text}"));
    }

    public static string Read(string file)
    {
        using var stream = typeof(ArticleFiles).Assembly.GetManifestResourceStream("help/" + file)
            ?? throw new HelpException(file, "there is no such file");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }

    [GeneratedRegex(@"\A# (?<title>[^\n]+)\n")]
    private static partial Regex Title();

    [GeneratedRegex(@"^(?<level>##+) (?<text>[^\n{]*?)(?: \{#(?<anchor>[a-z0-9-]+)\})?$", RegexOptions.Multiline)]
    private static partial Regex Heading();
}
