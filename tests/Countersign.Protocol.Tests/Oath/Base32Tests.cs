using System.Text;
using CsCheck;
using OtpNet;
using Base32 = Countersign.Protocol.Oath.Base32;

namespace Countersign.Protocol.Tests.Oath;

public sealed class Base32Tests
{
    [Theory]
    [InlineData("", "")]
    [InlineData("f", "MY")]
    [InlineData("fo", "MZXQ")]
    [InlineData("foo", "MZXW6")]
    [InlineData("foob", "MZXW6YQ")]
    [InlineData("fooba", "MZXW6YTB")]
    [InlineData("foobar", "MZXW6YTBOI")]
    public void The_examples_of_the_standard_are_written_without_padding_and_read_with_or_without(string plain, string encoded)
    {
        var bytes = Encoding.ASCII.GetBytes(plain);
        var padded = encoded.PadRight((encoded.Length + 7) / 8 * 8, '=');

        Assert.Equal(encoded, Base32.Encode(bytes));
        Assert.Equal(bytes, Read(encoded));
        Assert.Equal(bytes, Read(padded));
    }

    [Theory]
    [InlineData("mzxw 6ytb oi")]
    [InlineData("MZXW-6YTB-OI")]
    [InlineData(" mZxW6yTbOi ")]
    [InlineData("MZXW 6YTB OI== ====")]
    public void It_is_read_as_people_type_it(string typed) => Assert.Equal("foobar"u8.ToArray(), Read(typed));

    [Theory]
    [InlineData("A")]
    [InlineData("M")]
    [InlineData("MZA")]
    [InlineData("MZX")]
    [InlineData("MZXW6A")]
    [InlineData("MZXW6Y")]
    [InlineData("MZ")]
    [InlineData("MZXW6YR")]
    [InlineData("M1")]
    [InlineData("M0")]
    [InlineData("M8")]
    [InlineData("MY=MY")]
    [InlineData("MY\n")]
    [InlineData("Ｍ")]
    public void What_no_bytes_have_is_refused(string text) => Assert.Null(Read(text));

    [Fact]
    public void What_is_written_is_read_back_and_another_library_writes_the_same() =>
        Gen.Byte.Array[1, Base32.MaxBytes].Sample(bytes =>
        {
            Assert.Equal(bytes, Read(Base32.Encode(bytes)));
            Assert.Equal(Base32Encoding.ToString(bytes).TrimEnd('='), Base32.Encode(bytes));
        });

    [Fact]
    public void What_is_read_is_written_back_in_its_one_spelling() =>
        Gen.String["abcdefgzAZ234567 -="].Sample(text =>
        {
            if (Read(text) is { } bytes)
            {
                var spelling = text.Replace(" ", "", StringComparison.Ordinal).Replace("-", "", StringComparison.Ordinal).TrimEnd('=');
                Assert.Equal(spelling.ToUpperInvariant(), Base32.Encode(bytes));
            }
        });

    [Fact]
    public void Memory_of_the_caller_gets_the_same_or_nothing() =>
        Gen.Byte.Array[0, Base32.MaxBytes].Sample(bytes =>
        {
            var text = Base32.Encode(bytes);
            var (chars, octets) = (new char[text.Length], new byte[bytes.Length]);

            Assert.True(Base32.TryEncode(bytes, chars, out var charsWritten));
            Assert.Equal((text, text.Length), (new string(chars), charsWritten));
            Assert.True(Base32.TryDecode(text, octets, out var bytesWritten));
            Assert.Equal(bytes.Length, bytesWritten);
            Assert.Equal(bytes, octets);
            Assert.False(bytes.Length > 0 && Base32.TryEncode(bytes, chars.AsSpan(1), out _));
            Assert.False(bytes.Length > 0 && Base32.TryDecode(text, octets.AsSpan(1), out _));
        });

    [Fact]
    public void The_limits_hold()
    {
        Assert.Equal(Base32.MaxLength, Base32.Encode(new byte[Base32.MaxBytes]).Length);
        Assert.Throws<ArgumentException>("bytes", () => Base32.Encode(new byte[Base32.MaxBytes + 1]));
        Assert.NotNull(Read(new string('A', Base32.MaxLength)));
        Assert.Null(Read(new string('A', Base32.MaxLength) + " "));
    }

    private static byte[]? Read(string text) => Base32.TryDecode(text, out var bytes) ? bytes : null;
}
