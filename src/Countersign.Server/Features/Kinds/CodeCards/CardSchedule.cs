using System.Buffers.Binary;
using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;

namespace Countersign.Server.Features.Kinds.CodeCards;

/// <summary>Two cells of a card by their index numbers, in the order in which they are asked.</summary>
internal readonly record struct CellPair(int First, int Second);

/// <summary>
/// Which two cells a card asks after so many right answers: a pure function of the card's key and that number, so that nothing
/// but a right answer leads to another pair (D5).
/// </summary>
/// <remarks>
/// <para>
/// A round-robin tournament by the circle method: of an even number of players one stands still, the others walk in a circle, and
/// who is opposite plays. In n − 1 rounds everybody meets everybody else once. Players are the cells: within a round each cell is
/// asked once, and no pair comes twice before all of them have been asked.
/// </para>
/// <para>
/// The key shuffles which cell is which player, the order of the rounds, and the order of the pairs in each round. Of an odd number
/// of cells one, which the key picks, is never asked.
/// </para>
/// </remarks>
internal sealed class CardSchedule(ReadOnlyMemory<byte> key, int cells)
{
    public const int FewestCells = 10;
    public const int MostCells = 500;

    private readonly int _players = cells / 2 * 2;

    /// <summary>Pairs of one round.</summary>
    public int PairsInRound => _players / 2;

    /// <summary>Pairs in all; the last one is the last that the card can ever be asked.</summary>
    public int Pairs => PairsInRound * (_players - 1);

    /// <summary>The pair that is asked after <paramref name="answered"/> right answers, from 0 to below <see cref="Pairs"/>.</summary>
    public CellPair At(long answered)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(answered);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(answered, Pairs);
        var (lap, place) = ((int)answered / PairsInRound, (int)answered % PairsInRound);
        var round = Shuffled("rounds", _players - 1)[lap];
        var (one, other) = Opposite(round, Shuffled($"pairs of round {round}", PairsInRound)[place]);
        var players = Shuffled("cells", cells);
        return new CellPair(players[one] + 1, players[other] + 1);
    }

    /// <summary>The two players who meet in a round. The last player stands still and meets whom the round names.</summary>
    private (int One, int Other) Opposite(int round, int pair)
    {
        var walking = _players - 1;
        return pair == 0 ? (round, walking) : ((round + pair) % walking, (round - pair + walking) % walking);
    }

    /// <summary>
    /// The numbers below <paramref name="count"/> in an order that the key makes: Fisher and Yates, with numbers from HMAC.
    /// </summary>
    private int[] Shuffled(string what, int count)
    {
        var order = new int[count];
        var numbers = new Numbers(key.Span, what);
        for (var i = 0; i < count; i++)
        {
            var at = numbers.Below(i + 1);
            (order[i], order[at]) = (order[at], i);
        }

        return order;
    }

    /// <summary>A stream of numbers: HMAC-SHA-256 of a name and a counter, sixteen bits at a time.</summary>
    private ref struct Numbers(ReadOnlySpan<byte> key, string name)
    {
        private const int Range = 1 << 16;
        private readonly ReadOnlySpan<byte> _key = key;
        private readonly byte[] _name = [0, 0, 0, 0, .. Encoding.ASCII.GetBytes(name)];
        private readonly byte[] _block = new byte[HMACSHA256.HashSizeInBytes];
        private int _used = HMACSHA256.HashSizeInBytes;
        private int _blocks;

        /// <summary>Uniform below <paramref name="limit"/>: what would make the small ones likelier is passed over.</summary>
        public int Below(int limit)
        {
            Debug.Assert(limit is > 0 and <= Range);
            var fair = Range / limit * limit;
            int drawn;
            do
            {
                drawn = Next();
            }
            while (drawn >= fair);

            return drawn % limit;
        }

        private int Next()
        {
            if (_used == _block.Length)
            {
                BinaryPrimitives.WriteInt32BigEndian(_name, _blocks++);
                HMACSHA256.HashData(_key, _name, _block);
                _used = 0;
            }

            _used += sizeof(ushort);
            return BinaryPrimitives.ReadUInt16BigEndian(_block.AsSpan(_used - sizeof(ushort)));
        }
    }
}
