using System.Globalization;
using System.Text.RegularExpressions;
using Countersign.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Countersign.Server.Tests.Hosting;

/// <summary>The browser of the tests is used by many at once, as tests of races do.</summary>
public sealed partial class TestBrowserTests
{
    private const int AtOnce = 50;
    private const int Rounds = 10;

    [Fact]
    [Race]
    public async Task Answers_at_once_leave_all_their_cookies_and_no_request_carries_half_of_one()
    {
        await using var server = await StartAsync();
        using var browser = new TestBrowser(new Uri(server.Urls.First()));

        for (var round = 0; round < Rounds; round++)
        {
            var first = round * AtOnce;
            var pages = await Task.WhenAll(Enumerable.Range(first, AtOnce).Select(n => Task.Run(() => browser.GetAsync($"/set/{n}"))));

            // Where the answer led, both of its cookies went, or both of a later one.
            Assert.All(pages, page => Assert.Equal("/echo", page.Path));
            Assert.All(pages, page => Assert.Equal(Value(page, "left"), Value(page, "right")));
            Assert.All(
                pages, (page, i) => Assert.Equal("yes", Value(page, string.Create(CultureInfo.InvariantCulture, $"own{first + i}"))));
        }

        Assert.Equal((Rounds * AtOnce) + 2, browser.Cookies.Count);
        Assert.Equal(3 * Rounds * AtOnce, browser.CookieLines.Count);
        Assert.Equal(browser.Cookies["left"], browser.Cookies["right"]);
    }

    [Fact]
    public async Task Cookies_are_set_and_dropped_while_requests_are_under_way()
    {
        await using var server = await StartAsync();
        using var browser = new TestBrowser(new Uri(server.Urls.First()));
        using var other = new TestBrowser(new Uri(server.Urls.First()));

        await Task.WhenAll(Enumerable.Range(0, AtOnce).Select(n => Task.Run(async () =>
        {
            var name = string.Create(CultureInfo.InvariantCulture, $"mine{n}.");
            browser.SetCookie(name, "yes");
            await browser.GetAsync($"/set/{n}");
            other.TakeCookies(browser);
            browser.DropCookie(name);
        })));

        Assert.DoesNotContain(browser.Cookies.Keys, name => name.StartsWith("mine", StringComparison.Ordinal));
        Assert.Equal(AtOnce, other.Cookies.Keys.Count(name => name.StartsWith("own", StringComparison.Ordinal)));
    }

    private static string Value(TestPage page, string cookie) =>
        Pair().Matches(page.Html).Single(m => m.Groups["name"].Value == cookie).Groups["value"].Value;

    /// <summary>Sets three cookies in one answer, and says which ones a request brings.</summary>
    private static async Task<WebApplication> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        app.Run(AnswerAsync);
        await app.StartAsync();
        return app;
    }

    private static async Task AnswerAsync(HttpContext http)
    {
        if (http.Request.Path == "/echo")
        {
            await http.Response.WriteAsync(http.Request.Headers.Cookie.ToString());
            return;
        }

        var number = http.Request.Path.Value!.Split('/')[^1];
        http.Response.Headers.Append("Set-Cookie", $"left={number}; path=/");
        http.Response.Headers.Append("Set-Cookie", $"own{number}=yes; path=/");
        http.Response.Headers.Append("Set-Cookie", $"right={number}; path=/");
        http.Response.Redirect("/echo");
    }

    [GeneratedRegex("(?<name>[^=; ]+)=(?<value>[^;]*)")]
    private static partial Regex Pair();
}
