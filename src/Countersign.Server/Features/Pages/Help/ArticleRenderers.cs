using Markdig.Extensions.Alerts;
using Markdig.Extensions.Tables;
using Markdig.Renderers;
using Markdig.Renderers.Html;
using Markdig.Syntax;

namespace Countersign.Server.Features.Pages.Help;

/// <summary>A quotation is a notice of the design system; <c>[!WARNING]</c> makes it a warning.</summary>
internal sealed class NoticeRenderer : HtmlObjectRenderer<QuoteBlock>
{
    protected override void Write(HtmlRenderer renderer, QuoteBlock obj)
    {
        var (kind, icon) = obj is AlertBlock ? ("warning", "warning") : ("info", "info");
        renderer.EnsureLine();
        renderer.Write(
            $"<div class=\"notice notice--{kind}\"><span class=\"icon icon--{icon}\" aria-hidden=\"true\"></span><div "
                + "class=\"notice__text\">");
        renderer.WriteChildren(obj);
        renderer.WriteLine("</div></div>");
    }
}

/// <summary>A table that becomes cards on a phone.</summary>
internal sealed class ArticleTableRenderer : HtmlObjectRenderer<Table>
{
    protected override void Write(HtmlRenderer renderer, Table obj)
    {
        var rows = obj.OfType<TableRow>().ToList();
        var heads = rows.Where(r => r.IsHeader).SelectMany(r => r.OfType<TableCell>()).ToList();
        renderer.EnsureLine();
        renderer.Write("<div class=\"table-frame\"><table class=\"table\" role=\"table\"><thead role=\"rowgroup\"><tr role=\"row\">");
        foreach (var head in heads)
        {
            WriteCell(renderer, head, "<th role=\"columnheader\" scope=\"col\">", "</th>");
        }

        renderer.Write("</tr></thead><tbody role=\"rowgroup\">");
        foreach (var row in rows.Where(r => !r.IsHeader))
        {
            renderer.Write("<tr role=\"row\">");
            foreach (var (cell, head) in row.OfType<TableCell>().Zip(heads))
            {
                renderer.Write("<td role=\"cell\" data-label=\"").WriteEscape(ArticleMarkdown.Words(head)).Write("\">");
                WriteCell(renderer, cell, "<span>", "</span></td>");
            }

            renderer.Write("</tr>");
        }

        renderer.WriteLine("</tbody></table></div>");
    }

    private static void WriteCell(HtmlRenderer renderer, TableCell cell, string before, string after)
    {
        var paragraphs = renderer.ImplicitParagraph;
        renderer.ImplicitParagraph = true;
        renderer.Write(before);
        renderer.WriteChildren(cell);
        renderer.Write(after);
        renderer.ImplicitParagraph = paragraphs;
    }
}
