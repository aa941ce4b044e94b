using System.Formats.Cbor;
using System.Globalization;
using Countersign.Server.Features.Ground.Audit;
using Countersign.Server.Tests.Guards;

namespace Countersign.Server.Tests.Features.Ground.Audit;

/// <summary>What the MAC of an audit row is made over (D29).</summary>
public sealed class AuditEncodingTests
{
    private static readonly DateTimeOffset At = new(2026, 11, 24, 9, 0, 0, TimeSpan.Zero);

    /// <summary>A row in which every column holds something.</summary>
    internal static AuditEvent Full(
        string source = "198.51.100.1", string? actorId = "ada", string details = "{}", Guid? id = null) => new()
        {
            Id = id ?? Guid.CreateVersion7(At),
            At = At,
            UserId = id ?? Guid.CreateVersion7(At),
            Event = AuditEvents.SignedIn,
            ActorKind = ActorKind.Operator,
            ActorId = actorId,
            Source = source,
            Details = details,
            KeyId = "1",
            Encoding = AuditEncoding.Version,
            Mac = [],
            TransactionId = 7,
        };

    /// <summary>The map of names and values that the bytes are.</summary>
    internal static Dictionary<string, object> Read(AuditEvent row)
    {
        var cbor = new CborReader(AuditEncoding.Bytes(row), CborConformanceMode.Canonical);
        var map = new Dictionary<string, object>(StringComparer.Ordinal);
        for (var left = cbor.ReadStartMap()!.Value; left > 0; left--)
        {
            var name = cbor.ReadTextString();
            map.Add(name, cbor.PeekState() switch
            {
                CborReaderState.TextString => cbor.ReadTextString(),
                CborReaderState.ByteString => new Guid(cbor.ReadByteString(), bigEndian: true),
                _ => cbor.ReadInt64(),
            });
        }

        cbor.ReadEndMap();
        Assert.Equal(0, cbor.BytesRemaining);
        return map;
    }

    /// <summary>Whoever can read all of them back from the bytes has no two rows with the same.</summary>
    [Fact]
    [Claim("D29")]
    public void All_that_a_row_says_can_be_read_back_from_its_bytes()
    {
        var row = Full();

        Assert.Equal(
            new Dictionary<string, object>
            {
                ["id"] = row.Id,
                ["at"] = At.ToUnixTimeMilliseconds() * 1_000,
                ["user_id"] = row.UserId!.Value,
                ["event"] = row.Event,
                ["actor_kind"] = "Operator",
                ["actor_id"] = "ada",
                ["source"] = "198.51.100.1",
                ["details"] = "{}",
                ["key_id"] = "1",
                ["encoding"] = 1L,
            },
            Read(row));
    }

    [Fact]
    [Claim("D29")]
    public void What_stands_in_one_field_never_reads_as_another()
    {
        var id = Guid.CreateVersion7(At);
        AuditEvent[] rows =
        [
            Full("ab", "c", id: id), Full("a", "bc", id: id), Full("abc", "", id: id), Full("abc", null, id: id), Full("", "abc", id: id),
            Full("ab", "c", """{"a":1}""", id),
        ];

        Assert.Equal(rows.Length, rows.Select(r => Convert.ToHexString(AuditEncoding.Bytes(r))).Distinct().Count());
    }

    /// <summary>A column that comes later is null in the rows before it, and what is null takes no byte: these rows stay genuine.</summary>
    [Fact]
    public void A_field_that_is_not_there_takes_no_byte()
    {
        var row = new AuditEvent
        {
            Id = Guid.CreateVersion7(At),
            At = At,
            Event = "e",
            ActorKind = ActorKind.Job,
            Details = "{}",
            KeyId = "1",
            Encoding = AuditEncoding.Version,
            Mac = [],
        };

        Assert.Equal(["actor_kind", "at", "details", "encoding", "event", "id", "key_id"], Read(row).Keys.Order(StringComparer.Ordinal));
        var at = (At.ToUnixTimeMilliseconds() * 1_000).ToString("X16", CultureInfo.InvariantCulture);
        Assert.Equal(
            "A7"
                + "626174"
                + "1B"
                + at
                + "626964"
                + "50"
                + Convert.ToHexString(row.Id.ToByteArray(bigEndian: true))
                + "656576656E74"
                + "6165"
                + "666B65795F6964"
                + "6131"
                + "6764657461696C73"
                + "627B7D"
                + "68656E636F64696E67"
                + "01"
                + "6A6163746F725F6B696E64"
                + "634A6F62",
            Convert.ToHexString(AuditEncoding.Bytes(row)));
    }

    [Theory]
    [InlineData("clients.csv", "clients.csv")]
    [InlineData("a\nb.csv", "ab.csv")]
    [InlineData("", "")]
    public void The_name_of_a_file_is_made_fit(string file, string id) => Assert.Equal(id, Actor.Import(file).Id);

    [Fact]
    public void Of_a_long_name_of_a_file_the_end_stays_and_no_half_character()
    {
        Assert.Equal(new string('b', Actor.MaximumLength), Actor.Import(new string('a', 10) + new string('b', Actor.MaximumLength)).Id);
        Assert.Equal(new string('b', Actor.MaximumLength - 1), Actor.Import("a\U0001F511" + new string('b', Actor.MaximumLength - 1)).Id);
    }
}
