using System.Text;
using System.Text.Json.Nodes;
using Countersign.Server.Features.Registry.Offices;

namespace Countersign.Server.Tests.Features.Registry.Offices;

/// <summary>A directory with a mistake is refused at the start, and the refusal says where the mistake is.</summary>
public sealed class OfficeFileTests
{
    private const string Hours =
        """{"zone":"Asia/Hong_Kong","open":[{"days":["mon","tue","fri"],"from":"08:30","to":"20:00"},"""
        + """{"days":["sat"],"from":"00:00","to":"24:00"}]}""";
    private const string Right = $$"""
        {"country":"HK","region":"asia-pacific","name":{"en":"Hong Kong","zh-Hant":"香港","zh-Hans":"香港"},"phones":["+85221234567"],
         "hours":{{Hours}},"email":"hk@broker.example","languages":["en","zh-Hant"],"serves":["MO"]}
        """;

    [Fact]
    public void A_right_one_is_taken()
    {
        var office = Assert.Single(Read($"[{Right}]"));

        Assert.Equal("+852 2123 4567", Office.International(office.Phones[0]));
        Assert.True(office.IsFor("HK") && office.IsFor("MO") && !office.IsFor("CN"));
    }

    [Theory]
    [InlineData("country", "\"Hong Kong\"", "country")]
    [InlineData("country", "\"XX\"", "country")]
    [InlineData("country", "null", "country")]
    [InlineData("region", "\"moon\"", "region")]
    [InlineData("name", "{\"en\":\"Hong Kong\"}", "name")]
    [InlineData("name", "{\"en\":\"\",\"zh-Hant\":\"香港\",\"zh-Hans\":\"香港\"}", "name")]
    [InlineData("phones", "[]", "phones")]
    [InlineData("phones", "[\"2123 4567\"]", "phones")]
    [InlineData("phones", "[\"+852 2123 4567\"]", "phones")]
    [InlineData("phones", "[\"+8521\"]", "phones")]
    [InlineData("phones", "[null]", "phones")]
    [InlineData("email", "\"nobody\"", "email")]
    [InlineData("languages", "[]", "languages")]
    [InlineData("languages", "[\"!!\"]", "languages")]
    [InlineData("serves", "[\"HK\"]", "twice")]
    [InlineData("hours", "null", "zone")]
    [InlineData("hours", "{\"zone\":\"Hong Kong\",\"open\":[]}", "zone")]
    [InlineData("hours", "{\"zone\":\"Asia/Hong_Kong\",\"open\":[]}", "open")]
    [InlineData("hours", "{\"zone\":\"Asia/Hong_Kong\",\"open\":[{\"days\":[\"monday\"],\"from\":\"08:00\",\"to\":\"09:00\"}]}", "days")]
    [InlineData("hours", "{\"zone\":\"Asia/Hong_Kong\",\"open\":[{\"days\":[\"mon\"],\"from\":\"18:00\",\"to\":\"09:00\"}]}", "from")]
    [InlineData("hours", "{\"zone\":\"Asia/Hong_Kong\",\"open\":[{\"days\":[\"mon\"],\"from\":\"8:00\",\"to\":\"24:01\"}]}", "from")]
    [InlineData("typo", "1", "typo")]
    public void A_mistake_is_named(string property, string value, string named)
    {
        var office = JsonNode.Parse(Right)!.AsObject();
        office[property] = JsonNode.Parse(value);

        var refused = Assert.Throws<InvalidDataException>(() => Read($"[{office.ToJsonString()}]"));

        Assert.Contains(named, refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("[null]")]
    [InlineData("{}")]
    [InlineData("null")]
    [InlineData("\0\u0001")]
    public void What_is_no_directory_is_refused(string text) => Assert.Throws<InvalidDataException>(() => Read(text));

    [Theory]
    [InlineData("2026-11-24T00:29:00Z", false)] // Tuesday, 08:29 there
    [InlineData("2026-11-24T00:30:00Z", true)]
    [InlineData("2026-11-24T11:59:00Z", true)]
    [InlineData("2026-11-24T12:00:00Z", false)]
    [InlineData("2026-11-25T04:00:00Z", false)] // Wednesday
    [InlineData("2026-11-27T16:00:00Z", true)] // Saturday, 00:00 there
    [InlineData("2026-11-28T15:59:00Z", true)]
    [InlineData("2026-11-28T16:00:00Z", false)]
    public void It_is_open_by_the_clock_of_the_place(string at, bool open) =>
        Assert.Equal(open, Read($"[{Right}]")[0].Hours.IsOpen(DateTimeOffset.Parse(at, System.Globalization.CultureInfo.InvariantCulture)));

    private static IReadOnlyList<Office> Read(string text) => OfficeFile.Read(Encoding.UTF8.GetBytes(text));
}
