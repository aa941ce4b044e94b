namespace Countersign.Server.Tests.Guards.Arrows;

/// <summary>A folder of slices, from left to right.</summary>
internal sealed record Wing(string Name, params IReadOnlyList<string> Slices)
{
    /// <summary>Whether no slice of it knows another one.</summary>
    public bool OfStrangers { get; init; }

    public IEnumerable<string> Parts => Slices.Select(s => Name + "/" + s);
}

/// <summary>
/// The parts that the server consists of and the order between them: each may use what stands further down, and further right in
/// its own wing unless that is one of strangers.
/// </summary>
internal sealed class HouseOrder(params IReadOnlyList<Wing> wings)
{
    /// <summary>What knows every slice and is known by none: it puts the program together.</summary>
    public const string Composition = "(composition)";

    /// <summary>The few types that every part speaks in.</summary>
    public const string Words = "(words)";

    private const string Root = "Countersign.Server";

    private static readonly string[] Foundations = ["Http", "Data", "Telemetry", Words];

    private readonly Dictionary<string, (int Wing, int Slice)> _places = wings
        .SelectMany((wing, w) => wing.Parts.Select((part, s) => (Part: part, Place: (w, s))))
        .ToDictionary(p => p.Part, p => p.Place, StringComparer.Ordinal);

    public IReadOnlyList<Wing> Wings => wings;

    public bool IsSlice(string part) => _places.ContainsKey(part);

    /// <summary>Whether the part stands anywhere in the order.</summary>
    public bool Knows(string part) => part == Composition || Foundations.Contains(part, StringComparer.Ordinal) || IsSlice(part);

    public bool Allows(string from, string to)
    {
        if (from == to || from == Composition || Foundations.Contains(to, StringComparer.Ordinal))
        {
            return true;
        }

        if (!_places.TryGetValue(from, out var user) || !_places.TryGetValue(to, out var used))
        {
            return false;
        }

        return user.Wing == used.Wing ? !wings[user.Wing].OfStrangers && user.Slice < used.Slice : user.Wing < used.Wing;
    }

    /// <summary>
    /// The part that a type belongs to, whether or not it has its place; null for what a generator made beside the product.
    /// </summary>
    public static string? PartOf(CompiledType type)
    {
        if (type.View is { } view)
        {
            return OfFolders(view.Split('/', StringSplitOptions.RemoveEmptyEntries)[..^1]);
        }

        if (type.Namespace == Root)
        {
            return type.Name == nameof(CountersignHost) ? Composition : Words;
        }

        if (type.Namespace.StartsWith(Root + ".", StringComparison.Ordinal))
        {
            return OfFolders(type.Namespace[(Root.Length + 1)..].Split('.'));
        }

        return type is { Namespace: "", Name: "Program" } ? Composition : null;
    }

    private static string OfFolders(string[] folders) => folders switch
    {
        // What all pages import, and how they begin, is their frame.
        ["Features"] => "Http",
        ["Features", var wing, var slice, ..] => wing + "/" + slice,
        ["Cli", ..] => Composition,
        [var foundation, ..] when foundation != "Features" => foundation,
        _ => string.Join('/', folders),
    };
}
