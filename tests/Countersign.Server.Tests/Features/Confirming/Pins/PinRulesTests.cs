using System.Globalization;
using Countersign.Server.Features.Confirming.Pins;
using Countersign.Server.Features.Ground.Jurisdictions;
using Countersign.Server.Features.Registry.People;
using Countersign.Server.Tests.Guards;
using CsCheck;

namespace Countersign.Server.Tests.Features.Confirming.Pins;

public sealed class PinRulesTests
{
    private static readonly PinRules House = new(PinRules.House);

    // 19 July 1985 is the holder's, 2 November 1986 and 9 March 2012 are relatives'.
    [Theory]
    [InlineData("1907")]
    [InlineData("0719")]
    [InlineData("1985")]
    [InlineData("8507")]
    [InlineData("0785")]
    [InlineData("190785")]
    [InlineData("071985")]
    [InlineData("850719")]
    [InlineData("198507")]
    [InlineData("1985x7")]
    [InlineData("9850")]
    [InlineData("0211")]
    [InlineData("21186")]
    [InlineData("120309")]
    [InlineData("9312")]
    [InlineData("１９０７")]
    [InlineData("19jul")]
    [InlineData("JUL85")]
    [InlineData("85jul")]
    [InlineData("jul198")]
    [InlineData("xjul19")]
    [InlineData("9mar")]
    [InlineData("mar9x")]
    public void A_birthday_is_refused(string pin) => Assert.Contains("birthday", Holders.Faults(pin, Holders.Known));

    [Theory]
    [InlineData("1807")]
    [InlineData("7190")]
    [InlineData("8561")]
    [InlineData("1986x")]
    [InlineData("18jul")]
    [InlineData("aug85")]
    public void What_is_no_birthday_is_not_refused_as_one(string pin) =>
        Assert.DoesNotContain(
            "birthday", Holders.Faults(pin, Holders.Known with { Details = Holders.Known.Details with { Relatives = [] } }));

    [Theory]
    [InlineData("chan")]
    [InlineData("CHAN")]
    [InlineData("2426")]
    [InlineData("tai99")]
    [InlineData("taiman")]
    [InlineData("824626")]
    [InlineData("mei1")]
    [InlineData("9664")]
    [InlineData("zoe77")]
    [InlineData("trumpy")]
    [InlineData("truemp")]
    [InlineData("878679")]
    [InlineData("domi")]
    [InlineData("24559")]
    [InlineData("sophia")]
    [InlineData("ted42")]
    [InlineData("christ")]
    public void A_name_is_refused(string pin) => Assert.Contains("name", Holders.Faults(pin, Holders.Known));

    // 767442 are the keys of sophia: names that are not of the family are refused as letters only.
    [Theory]
    [InlineData("2427")]
    [InlineData("82462")]
    [InlineData("767442")]
    [InlineData("chzan")]
    [InlineData("6345")]
    public void What_is_no_name_is_not_refused_as_one(string pin) => Assert.DoesNotContain("name", Holders.Faults(pin, Holders.Known));

    [Theory]
    [InlineData("ctmctm")]
    [InlineData("ctmwml")]
    [InlineData("tmcct")]
    [InlineData("2828")]
    [InlineData("CTZT")]
    public void Initials_are_refused(string pin) =>
        Assert.Contains("initials", Holders.Faults(
            pin, Holders.Known with { Name = "Chan Tai", Details = Holders.Known.Details with { OtherNames = ["Chan Tai Man"] } }));

    [Theory]
    [InlineData("ctm8")]
    [InlineData("ctmx")]
    [InlineData("2829")]
    [InlineData("286965")]
    public void What_only_holds_initials_is_not_refused_for_them(string pin) =>
        Assert.DoesNotContain("initials", Holders.Faults(pin, Holders.Known));

    [Theory]
    [InlineData("1286")]
    [InlineData("0128")]
    [InlineData("4071")]
    [InlineData("94071")]
    [InlineData("9805")]
    [InlineData("998057")]
    [InlineData("2163")]
    [InlineData("0047")]
    [InlineData("sw1a2")]
    [InlineData("1a2p")]
    [InlineData("queens")]
    [InlineData("783367")]
    [InlineData("7623")]
    [InlineData("planta")]
    [InlineData("centra")]
    [InlineData("plaza9")]
    public void Part_of_an_address_is_refused(string pin) => Assert.Contains("address", Holders.Faults(pin, Holders.Known));

    [Theory]
    [InlineData("1290")]
    [InlineData("4701")]
    [InlineData("4762")]
    [InlineData("2990")]
    [InlineData("7624")]
    [InlineData("quuens")]
    public void What_stands_in_no_address_is_not_refused_for_one(string pin) =>
        Assert.DoesNotContain("address", Holders.Faults(pin, Holders.Known));

    [Theory]
    [InlineData("h680")]
    [InlineData("6803")]
    [InlineData("535240")]
    [InlineData("120497")]
    public void Part_of_an_identity_number_is_refused(string pin) =>
        Assert.Contains("identity_number", Holders.Faults(pin, Holders.Known));

    [Theory]
    [InlineData("6804")]
    [InlineData("680680")]
    [InlineData("049073")]
    public void What_is_in_no_identity_number_is_not_refused_for_one(string pin) =>
        Assert.DoesNotContain("identity_number", Holders.Faults(pin, Holders.Known));

    [Theory]
    [InlineData("8526")]
    [InlineData("7358")]
    [InlineData("904179")]
    [InlineData("0604")]
    [InlineData("x0904")]
    public void Part_of_a_phone_number_is_refused(string pin) =>
        Assert.Contains("phone_number", Holders.Faults(pin, Holders.Known with { PhoneNumbers = ["+852 6041 7358", "+49 904 1795"] }));

    [Theory]
    [InlineData("7385")]
    [InlineData("604604")]
    [InlineData("0735")]
    public void What_is_in_no_phone_number_is_not_refused_for_one(string pin) =>
        Assert.DoesNotContain("phone_number", Holders.Faults(pin, Holders.Known));

    [Theory]
    [InlineData("oslo")]
    [InlineData("6756")]
    [InlineData("Paris1")]
    [InlineData("72747")]
    [InlineData("beijin")]
    [InlineData("beij9", false)]
    [InlineData("ulvers")]
    [InlineData("kwun5")]
    public void A_city_is_refused(string pin, bool refused = true) =>
        Assert.Equal(refused, Holders.Faults(pin, Holders.Known).Contains("place"));

    [Theory]
    [InlineData("chelsea", true)]
    [InlineData("spurs7", true)]
    [InlineData("52537", false)]
    [InlineData("525377", true)]
    [InlineData("oxnard", false)]
    [InlineData("oxnardo", true)]
    [InlineData("6962736", true)]
    [InlineData("kitchee", true)]
    [InlineData("5482433", true)]
    [InlineData("5482434", false)]
    public void A_team_is_refused(string pin, bool refused) =>
        Assert.Equal(refused, Holders.Faults(pin, Holders.Known, Holders.Phone with { MaximumLength = 8 }).Contains("team"));

    [Theory]
    [InlineData("1234", true)]
    [InlineData("8901", true)]
    [InlineData("2109", true)]
    [InlineData("9753", true)]
    [InlineData("0369", true)]
    [InlineData("efghi", true)]
    [InlineData("zyxw", true)]
    [InlineData("112233", true)]
    [InlineData("ccddee", true)]
    [InlineData("1235", false)]
    [InlineData("1243", false)]
    [InlineData("0482", false)]
    [InlineData("yzab", false)]
    [InlineData("112244", false)]
    [InlineData("12cd", false)]
    public void A_sequence_is_refused(string pin, bool refused) =>
        Assert.Equal(refused, Holders.Faults(pin, PinHolder.Unknown).Contains("sequence"));

    [Theory]
    [InlineData("7777", true)]
    [InlineData("4949", true)]
    [InlineData("528528", true)]
    [InlineData("xyxyxy", true)]
    [InlineData("55855", true)]
    [InlineData("7778", false)]
    [InlineData("4994", false)]
    [InlineData("528529", false)]
    public void A_repetition_is_refused(string pin, bool refused) =>
        Assert.Equal(refused, Holders.Faults(pin, PinHolder.Unknown).Contains("repeated"));

    [Theory]
    [InlineData("2580", true)]
    [InlineData("0852", true)]
    [InlineData("147258", true)]
    [InlineData("1478", true)]
    [InlineData("7931", true)]
    [InlineData("ertyu", true)]
    [InlineData("poiuz", true)]
    [InlineData("wxcv", true)]
    [InlineData("1qaz", true)]
    [InlineData("qazwsx", true)]
    [InlineData("zaqxsw", true)]
    [InlineData("wsx3", false)]
    [InlineData("1472", false)]
    [InlineData("2590", false)]
    [InlineData("erfyu", false)]
    public void A_walk_over_keys_is_refused(string pin, bool refused) =>
        Assert.Equal(refused, Holders.Faults(pin, PinHolder.Unknown).Contains("keyboard_walk"));

    [Theory]
    [InlineData("1004", true)]
    [InlineData("6969", true)]
    [InlineData("5683", true)]
    [InlineData("1975", true)]
    [InlineData("159753", true)]
    [InlineData("1q2w3e", true)]
    [InlineData("Secret", true)]
    [InlineData("5684", false)]
    [InlineData("1893", false)]
    public void A_common_PIN_is_refused(string pin, bool refused) =>
        Assert.Equal(refused, Holders.Faults(pin, PinHolder.Unknown).Contains("common"));

    [Theory]
    [InlineData("6083")]
    [InlineData("5826")]
    [InlineData("k7wq")]
    [InlineData("930582")]
    [InlineData("8t3v9z")]
    public void A_PIN_that_nobody_would_guess_is_accepted(string pin) => Assert.Empty(Holders.Faults(pin, Holders.Known));

    [Fact]
    public void All_broken_rules_are_told_at_once() =>
        Assert.Equal(["sequence", "keyboard_walk", "common"], Holders.Faults("1234", PinHolder.Unknown));

    [Fact]
    public void The_same_rules_hold_for_the_soft_PIN_of_a_device()
    {
        Assert.Equal(["birthday"], Holders.Faults("1907", Holders.Known, PinPolicy.Soft));
        Assert.Equal(["digits_only"], Holders.Faults("19o7", Holders.Known, PinPolicy.Soft));
        Assert.Equal(["exact_length"], Holders.Faults("60835", Holders.Known, PinPolicy.Soft));
        Assert.Empty(Holders.Faults("6083", Holders.Known, PinPolicy.Soft));
    }

    [Theory]
    [InlineData(null, "length")]
    [InlineData("", "length")]
    [InlineData("608", "length")]
    [InlineData("6083512", "length")]
    [InlineData("60 83", "characters")]
    [InlineData("陳大文明", "characters")]
    [InlineData("é083", "characters")]
    public void What_is_no_PIN_is_told_and_not_judged(string? typed, string code)
    {
        Assert.Equal([code], Holders.Faults(typed, Holders.Known));
        Assert.IsType<PinJudgement.Malformed>(House.Judge(typed, Holders.Phone, Holders.Known));
    }

    [Fact]
    public void What_is_not_even_text_is_told_as_well()
    {
        Assert.Equal(["characters"], Holders.Faults("608\uD800", Holders.Known));
        Assert.Equal(["characters"], Holders.Faults("\uDC00608", Holders.Known));
        Assert.Equal(["characters"], Holders.Faults("608\uFFFE", Holders.Known));
    }

    [Fact]
    public void A_million_characters_are_too_many() => Assert.Equal(["length"], Holders.Faults(new string('7', 1_000_000), Holders.Known));

    [Fact]
    public void A_regime_raises_the_least_length_and_never_lowers_it()
    {
        Assert.Equal(new PinPolicy(4, 6, true), PinPolicy.Phone(new PinOptions(), new Regime()));
        Assert.Equal(new PinPolicy(6, 6, true), PinPolicy.Phone(new PinOptions(), new Regime { PinMinimumLength = 6 }));
        Assert.Equal(new PinPolicy(8, 8, true), PinPolicy.Phone(new PinOptions(), new Regime { PinMinimumLength = 8 }));
        Assert.Equal(new PinPolicy(5, 6, false), PinPolicy.Phone(new PinOptions { MinimumLength = 5, Letters = false }, new Regime()));
    }

    [Fact]
    public void A_longest_that_is_shorter_than_the_least_stops_the_start()
    {
        var validator = new PinOptionsValidator();

        Assert.True(validator.Validate(null, new PinOptions()).Succeeded);
        Assert.True(validator.Validate(null, new PinOptions { MinimumLength = 6, MaximumLength = 5 }).Failed);
        Assert.True(validator.Validate(null, new PinOptions { MinimumLength = 3 }).Failed);
    }

    [Fact]
    public void A_PIN_does_not_show_itself() =>
        Assert.DoesNotContain(
            "6083",
            Assert.IsType<PinJudgement.Accepted>(House.Judge("6083", Holders.Phone, Holders.Known)).ToString(),
            StringComparison.Ordinal);

    [Fact]
    public void Without_facts_a_rule_is_advice()
    {
        var unknown = House.Advise(PinHolder.Unknown).ToDictionary(a => a.Id, a => a.Coverage, StringComparer.Ordinal);
        var known = House.Advise(
            Holders.Known with { Details = Holders.Known.Details with { Relatives = [new("Ann", new DateOnly(2001, 2, 3))] } });
        var alone = House.Advise(new PinHolder("Ann Lee", HolderDetails.None with
        {
            Birthday = new DateOnly(1980, 5, 1),
            Home = new HolderAddress("Elm Row", null, null, null),
        }, []))
            .ToDictionary(a => a.Id, a => a.Coverage, StringComparer.Ordinal);

        Assert.Equal(
            ["address", "birthday", "identity_number", "initials", "phone_number"],
            unknown.Where(a => a.Value == PinCoverage.Advice).Select(a => a.Key).Order(StringComparer.Ordinal));
        Assert.Equal(
            ["name", "place", "team"], unknown.Where(a => a.Value == PinCoverage.Partly).Select(a => a.Key).Order(StringComparer.Ordinal));
        Assert.All(known, a => Assert.Equal((a.Id, PinCoverage.Checked), (a.Id, a.Coverage)));
        Assert.Equal(
            [PinCoverage.Partly, PinCoverage.Partly, PinCoverage.Partly, PinCoverage.Partly],
            [alone["birthday"], alone["initials"], alone["name"], alone["address"]]);
    }

    [Fact]
    public void What_is_written_in_a_script_that_spells_no_PIN_is_not_called_checked()
    {
        var chinese = new HolderAddress("皇后大道中", "一百號", "郵編", "香港");
        var details = Holders.Known.Details with { Addresses = [], Home = chinese, Office = chinese, Teams = ["傑志"] };

        var coverage = House.Advise(Holders.Known with { Details = details }).ToDictionary(
            a => a.Id, a => a.Coverage, StringComparer.Ordinal);
        var half = House.Advise(Holders.Known with
        {
            Details = details with { Office = Holders.Known.Details.Office },
        }).Single(a => a.Id == "address").Coverage;

        Assert.Equal(
            (PinCoverage.Advice, PinCoverage.Partly, PinCoverage.Partly), (coverage["address"], coverage["place"], coverage["team"]));
        Assert.Equal((PinCoverage.Partly, PinCoverage.Partly), (coverage["name"], coverage["initials"]));
        Assert.Equal(PinCoverage.Partly, half);
    }

    [Fact]
    public void Each_rule_has_a_code_of_its_own_and_a_line_for_the_page()
    {
        var rules = House.Advise(PinHolder.Unknown);

        Assert.Equal(rules.Count, rules.Select(r => r.Id).Distinct(StringComparer.Ordinal).Count());
        Faults.None(TextFiles.Differences<PinText>(
            [
                .. rules.Select(r => "rule." + r.Id), .. Enum.GetNames<PinCoverage>().Select(c => "coverage." + c.ToLowerInvariant()),
                "title", "intro",
            ]));
    }

    [Fact]
    public void No_text_breaks_a_rule() => Gen.Select(Gen.Char.Array[0, 12], Gen.Char.Array[0, 30], Gen.Char.Array[0, 12])
        .Sample((typed, fact, pin) =>
        {
            var text = new string(fact);
            var address = new HolderAddress(text, text, text, text);
            var holder = new PinHolder(text, new HolderDetails(
                DateOnly.MinValue, [text], [new Relative(text, DateOnly.MaxValue)], address, address, [text], [text], [text]), [text]);

            Holders.Faults(new string(typed), holder);
            House.Advise(holder);

            // What is well formed reaches the rules.
            Holders.Faults(string.Concat(pin.Select(c => (char)('0' + (c % 10)))), holder, new PinPolicy(0, 12, Letters: true));
        });

    [Fact]
    public void The_order_of_the_rules_does_not_matter() => Gen.Select(Pins, Gen.Shuffle(PinRules.House.ToArray())).Sample((pin, rules) =>
    {
        var shuffled = new PinRules(rules).Judge(pin, Holders.Phone, Holders.Known);

        Assert.Equal(
            Holders.Faults(pin, Holders.Known).Order(StringComparer.Ordinal),
            shuffled is PinJudgement.Refused refused
                ? refused.Errors.Select(e => e.Code["pin.".Length..]).Order(StringComparer.Ordinal)
                : []);
    });

    [Fact]
    public void Full_width_is_judged_as_what_it_stands_for() => Pins.Sample(pin =>
        Assert.Equal(
            Holders.Faults(pin, Holders.Known), Holders.Faults(string.Concat(pin.Select(c => (char)(c + 0xFEE0))), Holders.Known)));

    /// <summary>The figures stand in docs/pin-lists.md. A rule that refuses much more than it means to shows here.</summary>
    [Fact]
    public void Few_of_all_PINs_are_refused()
    {
        Assert.InRange(RefusedOf(4, 10_000, 1, Holders.Known), 0, 1_000);
        Assert.InRange(RefusedOf(6, 1_000_000, 47, Holders.Known), 0, 1_000_000 / 47 / 20);
    }

    private static int RefusedOf(int digits, int all, int step, PinHolder holder) =>
        Enumerable.Range(0, all / step).Count(
            n => Holders.Faults((n * step).ToString(CultureInfo.InvariantCulture).PadLeft(digits, '0'), holder).Count > 0);

    private static Gen<string> Pins { get; } = Gen.Char["0123456789abcz"].Array[4, 6].Select(c => new string(c));
}
