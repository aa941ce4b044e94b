using System.Collections.Frozen;

namespace Countersign.Server.Features.Confirming.Pins.Lists;

/// <summary>Words that are no PINs: small ASCII letters and digits, one entry a line, whose spaces do not count.</summary>
internal sealed class WordList
{
    private const int ShortestOnKeys = 4;
    private const int ShortestBeginning = 5;

    private readonly FrozenSet<string> _words;
    private readonly FrozenSet<string> _beginnings;
    private readonly FrozenSet<string> _keys;

    private WordList(IEnumerable<string> entries)
    {
        _words = entries.Select(e => e.Replace(" ", string.Empty, StringComparison.Ordinal)).ToFrozenSet(StringComparer.Ordinal);
        _beginnings = _words.SelectMany(
            w => Enumerable.Range(ShortestBeginning, Math.Max(0, w.Length - ShortestBeginning)).Select(length => w[..length])).ToFrozenSet(
            StringComparer.Ordinal);
        _keys = _words.Where(w => w.Length >= ShortestOnKeys).Select(Spelling.Keys).ToFrozenSet(StringComparer.Ordinal);
    }

    public int Count => _words.Count;

    /// <summary>Loads a list that was built into the program.</summary>
    public static WordList Load(string file)
    {
        using var stream = typeof(WordList).Assembly.GetManifestResourceStream(typeof(WordList), file)
            ?? throw new InvalidOperationException($"The program was built without {file}.");
        using var text = new StreamReader(stream);
        return new WordList(text.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
    }

    public bool Contains(Pin pin) => _words.Contains(pin.Lower);

    /// <summary>
    /// Whether the PIN's letters are an entry, or the beginning of one that is too long for a PIN, whatever digits stand around
    /// them.
    /// </summary>
    public bool HasLettersOf(Pin pin) => _words.Contains(pin.Letters) || _beginnings.Contains(pin.Letters);

    /// <summary>Whether the PIN is an entry on the keys of a phone.</summary>
    public bool IsOnKeys(Pin pin) => pin.IsDigits && _keys.Contains(pin.Lower);
}
