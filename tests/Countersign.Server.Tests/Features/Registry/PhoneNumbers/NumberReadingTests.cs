using Countersign.Server.Features.Registry.PhoneNumbers;
using CsCheck;

namespace Countersign.Server.Tests.Features.Registry.PhoneNumbers;

/// <summary>A number is read as people write it, and what cannot get an SMS is refused with its reason (S3).</summary>
public sealed class NumberReadingTests
{
    private static readonly string?[] Countries = ["HK", "GB", "ZZ", null];

    [Theory]
    [InlineData("+852 5123 4567", null, "+85251234567")]
    [InlineData("5123 4567", "HK", "+85251234567")]
    [InlineData("５１２３４５６７", "HK", "+85251234567")]
    [InlineData("＋８５２ ５１２３ ４５６７", "GB", "+85251234567")]
    [InlineData(" (0151) 234-567 89 ", "DE", "+4915123456789")]
    [InlineData("00852 5123 4567", "DE", "+85251234567")]
    [InlineData("07400 123456", "GB", "+447400123456")]
    [InlineData("138 0000 0000", "CN", "+8613800000000")]
    [InlineData("(201) 555-0123", "US", "+12015550123")]
    public void It_is_read_as_it_is_written(string typed, string? country, string expected) =>
        Assert.Equal(expected, MobileNumber.Read(typed, country).Value.E164);

    [Theory]
    [InlineData("", "HK", "number.missing")]
    [InlineData("   ", "HK", "number.missing")]
    [InlineData("my phone", "HK", "number.unreadable")]
    [InlineData("5123 4567", null, "number.unreadable")]
    [InlineData("5123", "HK", "number.too_short")]
    [InlineData("5123 4567 8901 2", "HK", "number.too_long")]
    [InlineData("+852 5123 4567 00000000000000000000000000000000", null, "number.too_long")]
    [InlineData("2123 4567", "HK", "number.no_text_messages")]
    [InlineData("030 123456", "DE", "number.no_text_messages")]
    [InlineData("5123 4567 ext. 12", "HK", "number.no_text_messages")]
    [InlineData("+44 56 0000 0000", null, "number.virtual")]
    [InlineData("0000 0000", "HK", "number.not_in_use")]
    public void What_gets_no_SMS_is_refused_with_its_reason(string typed, string? country, string code) =>
        Assert.Equal(code, MobileNumber.Read(typed, country).Error!.Code);

    [Fact]
    public void A_virtual_number_is_taken_where_the_policy_says_so() =>
        Assert.True(MobileNumber.Read("+44 56 0000 0000", null, allowVirtual: true).Succeeded);

    [Fact]
    public void Whatever_is_typed_it_never_throws_and_what_is_taken_is_read_again_as_itself() => Gen.Select(Gen.String, Gen.Int[0, 3])
        .Sample((typed, at) =>
        {
            var read = MobileNumber.Read(typed, Countries[at]);
            return !read.Succeeded || MobileNumber.Read(read.Value.E164, null).Value == read.Value;
        });
}
