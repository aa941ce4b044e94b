namespace Countersign.Server.Tests.Guards.Arrows;

/// <summary>Who uses whom, part by part, with the types that do.</summary>
internal sealed class ArrowGraph
{
    private readonly Dictionary<(string From, string To), List<TypeUse>> _arrows;

    public ArrowGraph(IEnumerable<TypeUse> uses) => _arrows = (
        from use in uses
        let arrow = (From: HouseOrder.PartOf(use.From), To: HouseOrder.PartOf(use.To))
        where arrow.From is not null && arrow.To is not null && arrow.From != arrow.To
        group use by (arrow.From!, arrow.To!)).ToDictionary(g => g.Key, g => g.ToList());

    public IEnumerable<(string From, string To)> Arrows => _arrows.Keys;

    /// <summary>The parts that use another one or are used.</summary>
    public IReadOnlySet<string> Parts => _arrows.Keys.SelectMany(a => new[] { a.From, a.To }).ToHashSet(StringComparer.Ordinal);

    public bool Has(string from, string to) => _arrows.ContainsKey((from, to));

    /// <summary>The types behind an arrow, as lines.</summary>
    public IReadOnlyList<string> Why(string from, string to) =>
        [.. _arrows[(from, to)].Select(u => $"{u.From} → {u.To}").Order(StringComparer.Ordinal)];

    /// <summary>Parts that, step by step, use each other.</summary>
    public IReadOnlyList<IReadOnlyList<string>> Circles()
    {
        var reached = Parts.ToDictionary(part => part, From, StringComparer.Ordinal);
        return [.. reached.Keys
            .Where(part => reached[part].Contains(part))
            .GroupBy(part => string.Join(", ", reached[part].Where(other => reached[other].Contains(part)).Order(StringComparer.Ordinal)))
            .Select(circle => circle.Order(StringComparer.Ordinal).ToList())];
    }

    private HashSet<string> From(string part)
    {
        var reached = new HashSet<string>(StringComparer.Ordinal);
        var next = new Queue<string>([part]);
        while (next.TryDequeue(out var one))
        {
            foreach (var (_, to) in _arrows.Keys.Where(a => a.From == one && reached.Add(a.To)))
            {
                next.Enqueue(to);
            }
        }

        return reached;
    }
}
