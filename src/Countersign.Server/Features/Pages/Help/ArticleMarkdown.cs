using System.Text;
using Markdig;
using Markdig.Extensions.Alerts;
using Markdig.Extensions.Tables;
using Markdig.Parsers;
using Markdig.Parsers.Inlines;
using Markdig.Renderers;
using Markdig.Renderers.Html;
using Markdig.Syntax;
using Markdig.Syntax.Inlines;
using Microsoft.AspNetCore.Html;

namespace Countersign.Server.Features.Pages.Help;

/// <summary>Makes a page of an article: only what the design system has, no HTML, no pictures, no way off this site.</summary>
internal sealed class ArticleMarkdown
{
    private const string File = "file";
    private readonly MarkdownPipeline _pipeline;

    /// <param name="find">The articles of one language, by slug.</param>
    /// <param name="facts">What stands for <c>{name}</c> in that language.</param>
    public ArticleMarkdown(Func<string, ArticleSource?> find, IReadOnlyDictionary<string, string> facts)
    {
        var builder = new MarkdownPipelineBuilder().UsePipeTables().UseAlertBlocks().DisableHtml();
        builder.InlineParsers.InsertBefore<LinkInlineParser>(new ReferenceParser(find));
        builder.InlineParsers.Insert(0, new FactParser(facts));
        _pipeline = builder.Build();
    }

    public HelpArticle Render(ArticleSource source)
    {
        var document = Markdown.Parse(source.Text, _pipeline, new MarkdownParserContext { Properties = { [File] = source.File } });
        foreach (var part in document.Descendants())
        {
            Check(part, source.File);
        }

        var headings = document.Descendants<HeadingBlock>().Zip(source.Headings, (block, heading) => Name(block, heading)).ToList();
        var summary = document.OfType<ParagraphBlock>().FirstOrDefault()
            ?? throw new HelpException(source.File, "it does not begin with a paragraph");
        return new HelpArticle(source.Entry, source.Title, Words(summary), headings, new HtmlString(Write(document)), Words(document));
    }

    /// <summary>The file that is being parsed, for who has to complain of it.</summary>
    public static string FileOf(InlineProcessor processor) => (string)processor.Context!.Properties[File];

    /// <summary>What a part says, without markup; each block on a line of its own.</summary>
    public static string Words(MarkdownObject part)
    {
        var words = new StringBuilder();
        foreach (var block in part.Descendants<LeafBlock>().Prepend(part as LeafBlock).Where(b => b?.Inline is not null))
        {
            words.Append(words.Length == 0 ? null : '\n');
            foreach (var inline in block!.Inline!.Descendants())
            {
                words.Append(inline switch
                {
                    LiteralInline literal => literal.Content.ToString(),
                    CodeInline code => code.Content,
                    LineBreakInline => " ",
                    _ => null,
                });
            }
        }

        return words.ToString();
    }

    /// <summary>Whatever is not listed here has no look of its own, or does not belong into an article.</summary>
    private static void Check(MarkdownObject part, string file)
    {
        var known = part switch
        {
            HeadingBlock heading => heading.Level is 2 or 3,
            EmphasisInline emphasis => emphasis.DelimiterCount == 2,
            LinkInline link => !link.IsImage && link.Url is ['/' or '#', ..] && !link.Url.StartsWith("//", StringComparison.Ordinal),
            ParagraphBlock or ListBlock or ListItemBlock or QuoteBlock or Table or TableRow or TableCell => true,
            LiteralInline or CodeInline or LineBreakInline => true,
            ContainerInline => part.GetType() == typeof(ContainerInline),
            _ => false,
        };
        if (!known)
        {
            throw new HelpException(file, $"line {part.Line + 1} has a {part.GetType().Name}, which articles do not use");
        }
    }

    private static HelpHeading Name(HeadingBlock block, ArticleHeading heading)
    {
        block.GetAttributes().Id = heading.Anchor;
        return new HelpHeading(heading.Level, heading.Anchor, Words(block));
    }

    private string Write(MarkdownDocument document)
    {
        using var writer = new StringWriter();
        var renderer = new HtmlRenderer(writer);
        _pipeline.Setup(renderer);
        renderer.ObjectRenderers.RemoveAll(r => r is HtmlTableRenderer or QuoteBlockRenderer or AlertBlockRenderer);
        renderer.ObjectRenderers.Insert(0, new ArticleTableRenderer());
        renderer.ObjectRenderers.Insert(0, new NoticeRenderer());
        renderer.Render(document);
        return writer.ToString();
    }
}
