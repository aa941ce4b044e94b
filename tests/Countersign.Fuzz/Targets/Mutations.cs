using System.Text;

namespace Countersign.Fuzz.Targets;

/// <summary>Endless inputs out of some seeds. The same number makes the same inputs, on every machine.</summary>
/// <param name="seeds">What is changed.</param>
/// <param name="number">Which sequence of changes.</param>
internal sealed class Mutations(IReadOnlyList<byte[]> seeds, ulong number)
{
    private const int MostChanges = 4;
    private const int Longest = 8_192;

    private static readonly byte[][] Pieces =
    [
        .. new[]
        {
            "\0",
            "%",
            "%00",
            "%FF",
            "=",
            "&",
            ":",
            "-",
            "#",
            "@",
            "\n",
            "9",
            "0",
            "\u00E9",
            "\uFFFE",
            "99999999999999999999",
            "-T1M",
            "C-",
            ".",
            "\"",
            "{",
            "[1,",
            "\\ud800",
        }
            .Select(Encoding.UTF8.GetBytes),
        [0x00, 0xD8],
        [0xC0, 0x80],
    ];

    private ulong _state = number;

    public byte[] Next()
    {
        var bytes = new List<byte>(seeds[Below(seeds.Count)]);
        for (var changes = Below(MostChanges + 1); changes > 0; changes--)
        {
            Change(bytes);
        }

        return [.. bytes.Take(Longest)];
    }

    private void Change(List<byte> bytes)
    {
        var at = Below(bytes.Count + 1);
        switch (Below(6))
        {
            case 0 when at < bytes.Count:
                bytes[at] = (byte)Below(256);
                break;
            case 1 when at < bytes.Count:
                bytes[at] ^= (byte)(1 << Below(8));
                break;
            case 2:
                bytes.InsertRange(at, Pieces[Below(Pieces.Length)]);
                break;
            case 3:
                bytes.RemoveRange(at, Below(bytes.Count - at + 1));
                break;
            case 4:
                Repeat(bytes, at);
                break;
            default:
                Splice(bytes, at);
                break;
        }
    }

    private void Repeat(List<byte> bytes, int at)
    {
        var part = bytes.GetRange(at, Below(bytes.Count - at + 1));
        for (var times = Below(16); times > 0 && bytes.Count < Longest; times--)
        {
            bytes.InsertRange(at, part);
        }
    }

    private void Splice(List<byte> bytes, int at)
    {
        var other = seeds[Below(seeds.Count)];
        bytes.RemoveRange(at, bytes.Count - at);
        bytes.AddRange(other.AsSpan(Below(other.Length + 1)));
    }

    // SplitMix64: any good generator that is the same everywhere.
    private int Below(int bound)
    {
        _state += 0x9E3779B97F4A7C15;
        var z = (_state ^ (_state >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return (int)((z ^ (z >> 31)) % (ulong)bound);
    }
}
