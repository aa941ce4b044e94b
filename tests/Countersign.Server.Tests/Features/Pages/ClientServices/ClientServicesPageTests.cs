using System.Net;
using Countersign.Server.Tests.Hosting;
using Countersign.Testing;

namespace Countersign.Server.Tests.Features.Pages.ClientServices;

/// <summary>The number that is right for the person stands first.</summary>
public abstract class ClientServicesPageTests(CountersignServer server)
{
    private const string Directory = """
        [
          {"country":"HK","region":"asia-pacific","name":{"en":"Hong Kong","zh-Hant":"香港","zh-Hans":"香港"},"phones":["+85221234567"],
           "hours":{"zone":"Asia/Hong_Kong","open":[{"days":["mon","tue","wed","thu","fri"],"from":"08:30","to":"20:00"}]},
           "email":"hk@broker.example","languages":["en","zh-Hant"],"serves":["MO"]},
          {"country":"GB","region":"europe","name":{"en":"United <b>Kingdom","zh-Hant":"英國","zh-Hans":"英国"},"phones":["+442079460123"],
           "hours":{"zone":"Europe/London","open":[{"days":["sun"],"from":"09:00","to":"10:00"}]},"languages":["en"]}
        ]
        """;

    [Fact]
    public async Task Each_location_has_its_numbers_hours_and_whether_it_is_open()
    {
        using var folder = new TestFolder();
        await using var own = await WithDirectoryAsync(folder);
        using var browser = own.Browser(language: "fr");

        var page = await browser.GetAsync("/client-services");

        var rows = page.Document.QuerySelectorAll("tbody tr").Select(r => CountersignServer.Words(r.TextContent)).ToList();
        Assert.Equal(2, rows.Count);
        Assert.Contains("+852 2123 4567", rows[0], StringComparison.Ordinal);
        Assert.Contains("Open 17:00 there", rows[0], StringComparison.Ordinal);
        Assert.Contains("United <b>Kingdom", rows[1], StringComparison.Ordinal);
        Assert.Contains("Closed 09:00 there", rows[1], StringComparison.Ordinal);
        Assert.NotNull(page.Document.QuerySelector("a[href='tel:+442079460123']"));
        Assert.Null(page.Document.QuerySelector("[aria-labelledby=own]"));
    }

    [Theory]
    [InlineData("en-GB", "", "United <b>Kingdom")]
    [InlineData("zh-MO", "", "香港")]
    [InlineData("en", "?country=HK", "Hong Kong")]
    [InlineData("en", "?country=hk", "Hong Kong")]
    [InlineData("en-GB", "?country=MO", "Hong Kong")]
    [InlineData("en-GB", "?country=%01nowhere", "United <b>Kingdom")]
    public async Task The_right_one_stands_first_for(string language, string query, string place)
    {
        using var folder = new TestFolder();
        await using var own = await WithDirectoryAsync(folder);
        using var browser = own.Browser(language: language);

        var page = await browser.GetAsync("/client-services" + query);

        Assert.Contains(place, page.Document.QuerySelector("#own")!.TextContent, StringComparison.Ordinal);
        Assert.Equal(place, page.Document.QuerySelector("select[name=country] option[selected]")!.TextContent);
    }

    [Fact]
    public async Task A_signed_in_person_finds_the_place_of_residence_first()
    {
        using var folder = new TestFolder();
        await using var own = await WithDirectoryAsync(folder);
        using var browser = own.Browser(language: "en-GB");
        await own.SignInAsync(browser, await own.UserAsync(timeZone: "Europe/London"));

        Assert.Contains(
            "Hong Kong",
            (await browser.GetAsync("/client-services")).Document.QuerySelector("#own")!.TextContent,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_dead_end_names_the_number()
    {
        using var folder = new TestFolder();
        await using var own = await WithDirectoryAsync(folder);
        using var stranger = own.Browser(language: "en-GB");
        using var client = own.Browser(language: "en-GB");
        await own.SignInAsync(client, await own.UserAsync());

        Assert.NotNull((await stranger.GetAsync("/error/503")).Document.QuerySelector("main a[href='tel:+442079460123']"));
        Assert.NotNull((await client.GetAsync("/nowhere")).Document.QuerySelector("main a[href='tel:+85221234567']"));
    }

    [Fact]
    public async Task Without_a_directory_the_page_says_what_the_site_says()
    {
        await using var own = await server.FreshAsync(("Site:ClientServices", "+852 <1>"));
        using var with = own.Browser();
        using var without = server.Browser();

        Assert.Contains(
            "+852 <1>", (await with.GetAsync("/client-services")).Document.QuerySelector(".empty")!.TextContent, StringComparison.Ordinal);
        Assert.Contains(
            "+852 <1>", (await with.GetAsync("/error/500")).Document.QuerySelector(".contact")!.TextContent, StringComparison.Ordinal);
        var page = await without.GetAsync("/client-services?country=HK");
        Assert.Equal(HttpStatusCode.OK, page.Status);
        Assert.Contains("account statement", page.Document.QuerySelector(".empty")!.TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_cannot_be_used_stops_the_start()
    {
        using var folder = new TestFolder();

        var refused = await Assert.ThrowsAsync<StartException>(
            () => WithDirectoryAsync(folder, Directory.Replace("\"HK\"", "\"Hong Kong\"", StringComparison.Ordinal)));
        var absent = await Assert.ThrowsAsync<StartException>(
            () => server.FreshAsync(("ClientServices:File", Path.Combine(folder.Path, "absent.json"))));

        Assert.Contains("ClientServices:File", refused.Message, StringComparison.Ordinal);
        Assert.Contains("Location 1 (Hong Kong)", refused.Message, StringComparison.Ordinal);
        Assert.Contains("absent.json", absent.Message, StringComparison.Ordinal);
    }

    private async Task<CountersignServer> WithDirectoryAsync(TestFolder folder, string directory = Directory)
    {
        var file = Path.Combine(folder.Path, "offices.json");
        await File.WriteAllTextAsync(file, directory, TestContext.Current.CancellationToken);
        return await server.FreshAsync(("ClientServices:File", file));
    }
}

public sealed class ClientServicesOnSqlite(OnSqlite server) : ClientServicesPageTests(server);

public sealed class ClientServicesOnPostgres(OnPostgres server) : ClientServicesPageTests(server);
