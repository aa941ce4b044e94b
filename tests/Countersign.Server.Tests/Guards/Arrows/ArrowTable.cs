using System.Globalization;
using System.Text;

namespace Countersign.Server.Tests.Guards.Arrows;

/// <summary>Who may use whom, and who does, for people.</summary>
internal static class ArrowTable
{
    private const char Uses = '■';
    private const char May = '·';
    private const char Wrong = '✗';

    /// <summary>The order and the arrows in Markdown.</summary>
    public static string Write(HouseOrder order, ArrowGraph graph)
    {
        // Slices that are planned stand in the order and in nothing else.
        var parts = order.Wings.SelectMany(w => w.Parts).Where(graph.Parts.Contains).ToList();
        var text = new StringBuilder();
        WriteWings(text, order, graph);
        WriteMatrix(text, order, graph, parts);
        WriteUses(text, graph, parts);
        return text.ToString().TrimEnd();
    }

    private static void WriteWings(StringBuilder text, HouseOrder order, ArrowGraph graph)
    {
        text.Append("| wing, from top to bottom | slices, from left to right |\n|---|---|\n");
        foreach (var wing in order.Wings)
        {
            var slices = wing.Slices.Select(s => graph.Parts.Contains($"{wing.Name}/{s}") ? s : $"*{s}*");
            text.Append(CultureInfo.InvariantCulture, $"| {wing.Name} | {string.Join(", ", slices)} |\n");
        }

        text.Append("\nA slice in *slanted* letters is planned.\n\n");
    }

    private static void WriteMatrix(StringBuilder text, HouseOrder order, ArrowGraph graph, List<string> parts)
    {
        var width = parts.Max(p => p.Length);
        text.Append(CultureInfo.InvariantCulture, $"{Uses} uses, {May} may use, nothing: may not use.\n\n```text\n");
        text.Append(' ', width + 4).AppendJoin(
            ' ', Enumerable.Range(1, parts.Count).Select(n => n.ToString("00", CultureInfo.InvariantCulture))).Append('\n');
        foreach (var (i, from) in parts.Index())
        {
            var cells = parts.Select(to => Cell(order, graph, from, to));
            var line = string.Create(CultureInfo.InvariantCulture, $"{i + 1:00} {from.PadRight(width)}  {string.Join("  ", cells)}");
            text.Append(line.TrimEnd()).Append('\n');
        }

        text.Append("```\n\n");
    }

    private static char Cell(
        HouseOrder order, ArrowGraph graph, string from, string to) => (from == to, graph.Has(from, to), order.Allows(from, to)) switch
        {
            (true, _, _) => '\\',
            (_, true, true) => Uses,
            (_, true, false) => Wrong,
            (_, false, true) => May,
            _ => ' ',
        };

    private static void WriteUses(StringBuilder text, ArrowGraph graph, List<string> parts)
    {
        text.Append("| slice | uses |\n|---|---|\n");
        foreach (var from in parts)
        {
            var used = parts.Where(to => graph.Has(from, to)).Select(to => to.Split('/')[1]);
            text.Append(CultureInfo.InvariantCulture, $"| {from} | {string.Join(", ", used)} |\n");
        }
    }
}
