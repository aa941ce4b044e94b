using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Countersign.Protocol.Statements;
using CsCheck;

namespace Countersign.Protocol.Tests.Statements;

public sealed class StatementBytesTests
{
    private static readonly Gen<string> Identifiers = Gen.String["ab-Z.1"].Where(s => s.Length > 0);

    // A small alphabet with combining marks and line ends, so that different statements nearly meet.
    private static readonly Gen<string> Texts =
        Gen.OneOf(Gen.String["ab \n\0e\u0301\u00E9"], Gen.String.Where(s => !s.Any(c => char.IsSurrogate(c) || c == '\uFFFE')));

    private static readonly Gen<Statement> Statements =
        from purpose in Identifiers
        from language in Identifiers
        from text in Texts
        from details in Gen.Select(Texts, Texts, (name, value) => new StatementDetail(name, value)).Array[0, 4]
        select new Statement(purpose, language, text, details);

    [Fact]
    public void Every_vector_has_its_bytes_and_hash()
    {
        var cases = Vectors.Cases("statement.json");

        Assert.Equal(5, cases.Count);
        Assert.All(cases, vector =>
        {
            var statement = Read(vector);

            Assert.Equal(vector.GetProperty("bytes_hex").GetString(), Convert.ToHexStringLower(statement.Encode()));
            Assert.Equal(vector.GetProperty("sha256_hex").GetString(), Convert.ToHexStringLower(statement.Hash()));
        });
    }

    [Fact]
    public void Different_statements_have_different_bytes() =>
        Gen.Select(Statements, Statements).Sample((one, other) =>
            Assert.Equal(one.Normalised() == other.Normalised(), one.Encode().AsSpan().SequenceEqual(other.Encode())));

    [Fact]
    public void Moving_text_between_fields_changes_the_bytes() =>
        Gen.Select(Statements, Texts.Where(text => text.Length > 0)).Sample((statement, moved) =>
        {
            StatementDetail[] shifted = [new("a", "b" + moved), .. statement.Details];
            StatementDetail[] unshifted = [new("a" + moved, "b"), .. statement.Details];

            Assert.NotEqual(
                StatementBytes.Encode(statement.Purpose, statement.Language, statement.Text, shifted),
                StatementBytes.Encode(statement.Purpose, statement.Language, statement.Text, unshifted));
        });

    [Fact]
    public void A_statement_can_be_read_back_from_its_bytes_in_one_way() =>
        Statements.Sample(statement => Assert.Equal(statement.Normalised(), Decode(statement.Encode())));

    [Fact]
    public void Equal_statements_have_equal_bytes_and_the_hash_is_theirs() =>
        Statements.Sample(statement =>
        {
            var copy = statement with { Details = [.. statement.Details] };

            Assert.Equal(statement.Encode(), copy.Encode());
            Assert.Equal(SHA256.HashData(statement.Encode()), statement.Hash());
        });

    [Fact]
    public void The_order_of_the_details_counts()
    {
        StatementDetail amount = new("Amount", "1"), account = new("Account", "2");

        Assert.NotEqual(
            StatementBytes.Hash("p", "en", "text", [amount, account]),
            StatementBytes.Hash("p", "en", "text", [account, amount]));
    }

    [Theory]
    [InlineData("", "en")]
    [InlineData("p", "")]
    [InlineData("a b", "en")]
    [InlineData("p", "zh\n")]
    [InlineData("\u00E9", "en")]
    public void An_identifier_is_visible_ASCII(string purpose, string language) =>
        Assert.ThrowsAny<ArgumentException>(() => StatementBytes.Encode(purpose, language, "text", []));

    [Fact]
    public void Text_that_is_not_Unicode_is_refused()
    {
        Assert.ThrowsAny<ArgumentException>(() => StatementBytes.Encode("p", "en", "a\uD800b", []));
        Assert.ThrowsAny<ArgumentException>(() => StatementBytes.Encode("p", "en", "", [new("\uDC00", "")]));
        Assert.ThrowsAny<ArgumentException>(() => StatementBytes.Encode("p", "en", "", [new("", "\uDC00\uD800")]));
    }

    [Fact]
    public void A_detail_without_a_name_or_value_is_refused() =>
        Assert.Throws<ArgumentNullException>(() => StatementBytes.Encode("p", "en", "", [default]));

    [Fact]
    public void The_limits_hold()
    {
        var longest = new string('a', StatementBytes.MaxFieldLength);
        var most = Enumerable.Repeat(new StatementDetail("n", "v"), StatementBytes.MaxDetails).ToArray();

        Assert.Equal(StatementBytes.HashLength, StatementBytes.Hash("p", "en", longest, most).Length);
        Assert.Throws<ArgumentException>("text", () => StatementBytes.Encode("p", "en", longest + "a", []));
        Assert.Throws<ArgumentException>("details", () => StatementBytes.Encode("p", "en", "", [.. most, new("n", "v")]));
    }

    private static Statement Read(JsonElement vector) =>
        new(
            vector.GetProperty("purpose").GetString()!,
            vector.GetProperty("language").GetString()!,
            vector.GetProperty("text").GetString()!,
            [.. vector.GetProperty("details").EnumerateArray().Select(ReadDetail)]);

    private static StatementDetail ReadDetail(JsonElement pair) => new(pair[0].GetString()!, pair[1].GetString()!);

    // A decoder written from the remarks alone: what it can read back, no other statement can have produced.
    private static Statement Decode(byte[] bytes)
    {
        var reader = new BinaryReader(new MemoryStream(bytes));
        Assert.Equal("countersign-statement/1\n"u8.ToArray(), reader.ReadBytes(24));
        var (purpose, language, text) = (ReadField(reader), ReadField(reader), ReadField(reader));
        var details = new StatementDetail[ReadNumber(reader)];
        for (var i = 0; i < details.Length; i++)
        {
            details[i] = new StatementDetail(ReadField(reader), ReadField(reader));
        }

        Assert.Equal(bytes.Length, reader.BaseStream.Position);
        return new Statement(purpose, language, text, details);
    }

    private static string ReadField(BinaryReader reader) => Encoding.UTF8.GetString(reader.ReadBytes(ReadNumber(reader)));

    private static int ReadNumber(BinaryReader reader) => reader.ReadBytes(4).Aggregate(0, (sum, digit) => (sum << 8) | digit);

    private sealed record Statement(string Purpose, string Language, string Text, StatementDetail[] Details)
    {
        public byte[] Encode() => StatementBytes.Encode(Purpose, Language, Text, Details);

        public byte[] Hash() => StatementBytes.Hash(Purpose, Language, Text, Details);

        public Statement Normalised() =>
            this with
            {
                Text = Text.Normalize(),
                Details = [.. Details.Select(d => new StatementDetail(d.Name.Normalize(), d.Value.Normalize()))],
            };

        public bool Equals(Statement? other) =>
            other is not null
            && (Purpose, Language, Text) == (other.Purpose, other.Language, other.Text)
            && Details.SequenceEqual(other.Details);

        public override int GetHashCode() => HashCode.Combine(Purpose, Language, Text, Details.Length);
    }
}
