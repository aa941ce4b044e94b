using Countersign.Server.Features.Messaging.Messages;
using Countersign.Server.Features.Registry.PhoneNumbers;

namespace Countersign.Server.Tests.Features.Messaging.Messages;

/// <summary>How texts are coded and counted, and where numbers belong.</summary>
public sealed class SmsTextTests
{
    public static TheoryData<string, bool, int> Texts => new()
    {
        { "", true, 1 },
        { new string('a', 160), true, 1 },
        { new string('a', 161), true, 2 },
        { new string('a', 306), true, 2 },
        { new string('a', 307), true, 3 },
        { new string('€', 80), true, 1 },
        { new string('€', 81), true, 2 },

        // 153 is odd: the escape of the 77th does not fit, and a part ends early.
        { new string('€', 152), true, 2 },
        { new string('€', 153), true, 3 },
        { "Grüße: {ñ} @ £5 Ø", true, 1 },
        { "`", false, 1 },
        { new string('验', 70), false, 1 },
        { new string('验', 71), false, 2 },
        { new string('验', 134), false, 2 },
        { new string('验', 135), false, 3 },
        { string.Concat(Enumerable.Repeat("😀", 35)), false, 1 },

        // 67 is odd: no part ends between the two halves of a character.
        { string.Concat(Enumerable.Repeat("😀", 66)), false, 2 },
        { string.Concat(Enumerable.Repeat("😀", 67)), false, 3 },
    };

    [Theory]
    [MemberData(nameof(Texts))]
    public void A_text_is_coded_and_counted(string text, bool gsm7, int parts)
    {
        Assert.Equal(gsm7, SmsText.IsGsm7(text));
        Assert.Equal(parts, SmsText.Parts(text));
    }

    [Theory]
    [InlineData("+85251234567", "+8525123", "HK")]
    [InlineData("+8613800138000", "+861380013", "CN")]
    [InlineData("+12015550123", "+1201555", "US")]
    [InlineData("+99999999999999", "+9999999999", "ZZ")]
    [InlineData("", "", "ZZ")]
    public void A_number_belongs_to_a_range_and_a_country(string number, string range, string region) =>
        Assert.Equal(new NumberRange(range, region), NumberRange.Of(number));
}
