using Countersign.Server.Features.Access.Passwords;

namespace Countersign.Server.Tests.Features.Access.Passwords;

public sealed class PasswordRulesTests
{
    private static readonly PasswordBlocklist Blocklist = PasswordBlocklist.Load(null);

    [Theory]
    [InlineData("", "password.too_short")]
    [InlineData("kx7 mqz", "password.too_short")]
    [InlineData("kx7 mqzw", null)]
    [InlineData("iloveyou", "password.common")]
    [InlineData("Countersign24", "password.common")]
    [InlineData("marguerite!", "password.common")]
    [InlineData("zzzzzzzzzzzz", "password.common")]
    [InlineData("            ", "password.common")]
    [InlineData("all small letters and no digit", null)]
    public void A_password_is_answered_with(string password, string? code) => Assert.Equal(code, Check(password));

    [Fact]
    public void Seven_characters_outside_the_basic_plane_are_seven() => Assert.Equal(PasswordRules.TooShort, Check(Emoji(7)));

    [Fact]
    public void Sixty_four_emoji_are_accepted() => Assert.Null(Check(Emoji(64)));

    [Fact]
    public void One_emoji_again_and_again_is_refused() =>
        Assert.Equal(PasswordRules.Common, Check(string.Concat(Enumerable.Repeat("😀", 20))));

    [Fact]
    public void Characters_are_counted_after_normalisation()
    {
        Assert.Equal(PasswordRules.TooShort, Check("caf\u0065\u0301 xy"));
        Assert.Null(Check("\uFB03 \uFB03 x"));
    }

    [Fact]
    public void Composed_and_decomposed_are_one_password()
    {
        Assert.NotEqual("caf\u00E9 society", "cafe\u0301 society");
        Assert.Equal(PasswordRules.Normalise("caf\u00E9 society"), PasswordRules.Normalise("cafe\u0301 society"));
    }

    [Fact]
    public void Case_and_spaces_are_kept() => Assert.Equal(" My  Password ", PasswordRules.Normalise(" My  Password "));

    [Fact]
    public void Passwords_that_differ_in_character_65_differ()
    {
        var start = Varied(64);

        Assert.NotEqual(PasswordRules.Normalise(start + "a"), PasswordRules.Normalise(start + "b"));
        Assert.Null(Check(start + "a"));
    }

    [Theory]
    [InlineData(256, null)]
    [InlineData(257, "password.too_long")]
    [InlineData(1_000_000, "password.too_long")]
    public void A_long_password_is_refused_and_never_cut(int length, string? code)
    {
        var password = Varied(length);

        Assert.Equal(code, Check(password));
        Assert.Equal(length, PasswordRules.Normalise(password).Length);
    }

    [Fact]
    public void The_longest_decompositions_still_fit()
    {
        var composedOfFourBasicUnits = string.Concat(Enumerable.Repeat("\u03B1\u0313\u0300\u0345x", 128));
        var composedOfThreePairs = string.Concat(Enumerable.Repeat("\U00016D63\U00016D67\U00016D67x", 128));

        Assert.Equal(256, PasswordRules.Normalise(composedOfFourBasicUnits).Length);
        Assert.Null(Check(composedOfFourBasicUnits));
        Assert.NotEqual(PasswordRules.TooShort, Check(composedOfThreePairs));
    }

    [Theory]
    [InlineData("\uD800")]
    [InlineData("\uDC00\uD800")]
    [InlineData("\uFFFE\uFFFF\0")]
    public void Text_that_is_not_Unicode_is_answered_without_failing(string text) => Assert.Equal(PasswordRules.TooShort, Check(text));

    [Fact]
    public void A_policy_may_ask_for_more()
    {
        Assert.Equal(PasswordRules.TooShort, Check(Varied(14), new PasswordPolicy(MinimumLength: 15)));
        Assert.Equal(PasswordRules.TooLong, Check(Varied(65), new PasswordPolicy(MaximumLength: 64)));
    }

    [Fact]
    public void A_policy_may_not_ask_for_less_than_the_standard()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new PasswordPolicy(MinimumLength: 7));
        Assert.Throws<ArgumentOutOfRangeException>(() => new PasswordPolicy(MaximumLength: 63));
    }

    private static string? Check(string password, PasswordPolicy? policy = null) =>
        PasswordRules.Check(password, policy ?? new PasswordPolicy(), Blocklist, "marguerite", "Countersign");

    private static string Emoji(int count) =>
        string.Concat(Enumerable.Range(0, count).Select(i => char.ConvertFromUtf32(0x1F600 + i)));

    private static string Varied(int count) =>
        string.Concat(Enumerable.Range(0, count).Select(i => (char)('a' + (i * 7 % 26))));
}
