using Markdig.Helpers;
using Markdig.Parsers;
using Markdig.Syntax.Inlines;

namespace Countersign.Server.Features.Pages.Help;

/// <summary><c>[[slug]]</c> and <c>[[slug#anchor]]</c>: a link that reads as the other article's number and title.</summary>
internal sealed class ReferenceParser : InlineParser
{
    private readonly Func<string, ArticleSource?> _find;

    public ReferenceParser(Func<string, ArticleSource?> find)
    {
        _find = find;
        OpeningCharacters = ['['];
    }

    public override bool Match(InlineProcessor processor, ref StringSlice slice)
    {
        var text = slice.AsSpan();
        if (!text.StartsWith("[[", StringComparison.Ordinal) || text.IndexOf("]]", StringComparison.Ordinal) is not (> 0 and var end))
        {
            return false;
        }

        var target = text[2..end].ToString().Split('#', 2);
        if (_find(target[0]) is not { } found || (target.Length == 2 && !found.Headings.Any(h => h.Anchor == target[1])))
        {
            throw new HelpException(ArticleMarkdown.FileOf(processor), $"[[{string.Join('#', target)}]] leads nowhere");
        }

        var link = new LinkInline($"/help/{string.Join('#', target)}", string.Empty) { IsClosed = true };
        link.AppendChild(new LiteralInline($"{found.Entry.Number}. {found.Title}"));
        processor.Inline = link;
        slice.Start += end + 2;
        return true;
    }
}

/// <summary><c>{name}</c>: a fact, put in as text whatever it holds.</summary>
internal sealed class FactParser : InlineParser
{
    private readonly IReadOnlyDictionary<string, string> _facts;

    public FactParser(IReadOnlyDictionary<string, string> facts)
    {
        _facts = facts;
        OpeningCharacters = ['{'];
    }

    public override bool Match(InlineProcessor processor, ref StringSlice slice)
    {
        var text = slice.AsSpan();
        var end = text.IndexOf('}');
        var name = end > 0 ? text[1..end].ToString() : null;
        if (name is null || !_facts.TryGetValue(name, out var fact))
        {
            throw new HelpException(ArticleMarkdown.FileOf(processor), $"there is no fact {{{name}}}");
        }

        processor.Inline = new LiteralInline(fact);
        slice.Start += end + 1;
        return true;
    }
}
