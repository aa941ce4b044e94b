using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Countersign.Server.Tests.Hosting;
using Countersign.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Countersign.Server.Tests.Http;

/// <summary>What an address answers is said by its status: to every method, and to strangers as to clients.</summary>
public abstract class AddressTests(CountersignServer server)
{
    private static readonly string[] Everywhere =
    [
        "/", "/sign-in", "/help", "/health/live", "/health/ready", "/nowhere", "/favicon.svg", "/favicon.ico", "/robots.txt",
        "/css/base.css", "/openapi/v1.json", "/api/v1/nowhere", "/api/v1/accounts/none/restrictions", "/sign-out",
        "/.well-known/openid-configuration", "/.well-known/change-password",
    ];

    [Fact]
    public async Task HEAD_is_answered_like_GET_without_a_body()
    {
        var user = await server.UserAsync();
        using var client = server.Browser();
        await server.SignInAsync(client, user);
        using var stranger = server.Browser();
        var other = new List<string>();
        foreach (var path in Everywhere.Concat(server.Routes().Select(r => Fill(r, "xx"))).Distinct(StringComparer.Ordinal))
        {
            foreach (var browser in new[] { client, stranger })
            {
                using var get = await SendAsync(browser, HttpMethod.Get, path);
                using var head = await SendAsync(browser, HttpMethod.Head, path);
                if (get.StatusCode != head.StatusCode
                    || get.Headers.Location != head.Headers.Location
                    || (await head.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken)).Length > 0)
                {
                    other.Add(
                        $"{path}: GET {(int)get.StatusCode} {get.Headers.Location}, "
                        + $"HEAD {(int)head.StatusCode} {head.Headers.Location}");
                }
            }
        }

        Assert.Empty(other);
    }

    [Theory]
    [InlineData("/nowhere")]
    [InlineData("/settings/nowhere")]
    [InlineData("/challenges/xx")]
    [InlineData("/challenges/xx/events")]
    public async Task What_is_not_there_is_not_there_for_a_stranger_either(string path)
    {
        using var browser = server.Browser();

        var page = await browser.GetAsync(path);

        Assert.Equal((HttpStatusCode.NotFound, path), (page.Status, page.Path));
    }

    [Fact]
    public async Task Addresses_that_every_browser_asks_for_answer()
    {
        using var browser = server.Browser();

        using var icon = await SendAsync(browser, HttpMethod.Get, "/favicon.ico");
        using var robots = await SendAsync(browser, HttpMethod.Get, "/robots.txt");
        using var password = await SendAsync(browser, HttpMethod.Get, "/.well-known/change-password");

        Assert.Equal((HttpStatusCode.MovedPermanently, "/favicon.svg"), (icon.StatusCode, icon.Headers.Location?.OriginalString));
        Assert.Equal("User-agent: *\nDisallow: /\n", await robots.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Equal("text/plain", robots.Content.Headers.ContentType?.MediaType);
        Assert.Equal((HttpStatusCode.Found, "/settings/password"), (password.StatusCode, password.Headers.Location?.OriginalString));
    }

    [Fact]
    public async Task A_page_takes_no_method_and_no_handler_that_it_does_not_have()
    {
        var user = await server.UserAsync();
        using var client = server.Browser();
        var home = await server.SignInAsync(client, user);
        using var stranger = server.Browser();
        var wrong = new List<string>();
        foreach (var path in new[] { "/", "/sign-in", "/help", "/settings", "/settings/security", "/account", "/regulations" })
        {
            foreach (var method in new[] { HttpMethod.Put, HttpMethod.Delete, HttpMethod.Patch })
            {
                foreach (var browser in new[] { client, stranger })
                {
                    using var answer = await SendAsync(browser, method, path);
                    Note(answer, HttpStatusCode.MethodNotAllowed);
                }
            }

            using var unknown = await SendAsync(client, HttpMethod.Post, path + "?handler=xyz", CountersignServer.Fields(home));
            Assert.True(
                unknown.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.MethodNotAllowed, $"{path} {unknown.StatusCode}");
        }

        foreach (var path in new[] { "/help", "/settings", "/account", "/regulations" })
        {
            using var post = await SendAsync(client, HttpMethod.Post, path, CountersignServer.Fields(home));
            Note(post, HttpStatusCode.MethodNotAllowed);
        }

        Assert.Empty(wrong);

        void Note(HttpResponseMessage answer, HttpStatusCode expected)
        {
            if (answer.StatusCode != expected)
            {
                wrong.Add($"{answer.RequestMessage!.Method} {answer.RequestMessage.RequestUri!.PathAndQuery}: {(int)answer.StatusCode}");
            }
        }
    }

    /// <summary>PostgreSQL takes no NUL in text.</summary>
    [Fact]
    public async Task A_NUL_is_bad_input_wherever_it_stands()
    {
        using var browser = server.Browser();
        var page = await browser.GetAsync("/sign-in");
        using var api = await server.SignedInApiAsync();
        var account = await server.AccountAsync("HK");
        List<HttpStatusCode> statuses =
        [
            (await browser.PostAsync(
                "/connect/token",
                new Dictionary<string, string>
                {
                    ["grant_type"] = "client_credentials",
                    ["client_id"] = "a\0b",
                    ["client_secret"] = "secret",
                })).Status,
            (await browser.GetAsync("/help?q=a%00b")).Status,
            (await browser.GetAsync("/help/a%00b")).Status,
            (await browser.PostAsync("/sign-in", CountersignServer.Fields(page, ("username", "a\0b"), ("password", "x")))).Status,
            (await api.SendJsonAsync(
                HttpMethod.Post, $"/api/v1/accounts/{account}/messages", """{"topic": "a\u0000b", "text": {"en": "x"}}""", "k")).Status,
            (await api.SendJsonAsync(HttpMethod.Put, "/api/v1/accounts/a%00b", "{}")).Status,
        ];
        using var basic = new HttpRequestMessage(HttpMethod.Post, "/connect/token")
        {
            Content = new FormUrlEncodedContent([new("grant_type", "client_credentials")]),
        };
        basic.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes("a%00b:c")));
        using var answer = await browser.SendRawAsync(basic);
        statuses.Add(answer.StatusCode);

        Assert.All(statuses, s => Assert.Equal(HttpStatusCode.BadRequest, s));
    }

    [Fact]
    public async Task A_text_that_only_speaks_of_a_NUL_is_no_NUL()
    {
        using var api = await server.SignedInApiAsync();
        var account = await server.AccountAsync("HK");

        var answer = await api.SendJsonAsync(
            HttpMethod.Post, $"/api/v1/accounts/{account}/messages", """{"topic": "trades", "text": {"en": "100 \\u0000 %00"}}""", "k");

        Assert.Equal(HttpStatusCode.Accepted, answer.Status);
    }

    [Fact]
    public async Task Browsers_are_told_of_no_feature_that_they_do_not_know()
    {
        using var browser = server.Browser();

        var policy = Assert.Single((await browser.GetAsync("/sign-in")).Response.Headers.GetValues("Permissions-Policy"));

        Assert.DoesNotContain("web-share", policy, StringComparison.Ordinal);
        Assert.Contains("camera=()", policy, StringComparison.Ordinal);
        Assert.Matches("publickey-credentials-get=.?self", policy);
    }

    /// <summary>Where a page says less of caches than its form needs, the form's protection writes over it and warns each time.</summary>
    [Fact]
    public async Task No_page_and_its_form_quarrel_over_caches()
    {
        using var log = new AntiforgeryLog();
        await using var own = await server.FreshWithAsync(services => services.AddSingleton<ILoggerProvider>(log));
        using var browser = own.Browser();

        foreach (var path in new[] { "/sign-in", "/nowhere", "/help", "/apply", "/operations/enter" })
        {
            await browser.GetAsync(path);
        }

        Assert.Empty(log.Warnings);
    }

    private static async Task<HttpResponseMessage> SendAsync(
        TestBrowser browser, HttpMethod method, string path, Dictionary<string, string>? form = null)
    {
        using var request = new HttpRequestMessage(method, path) { Content = form is null ? null : new FormUrlEncodedContent(form) };
        return await browser.SendOnceAsync(request);
    }

    /// <summary>What the protection of forms warns of.</summary>
    private sealed class AntiforgeryLog : ILoggerProvider, ILogger
    {
        public ConcurrentQueue<string> Warnings { get; } = [];

        public ILogger CreateLogger(string categoryName) =>
            categoryName.Contains("Antiforgery", StringComparison.Ordinal) ? this : NullLogger.Instance;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Warnings.Enqueue(formatter(state, exception));

        public void Dispose()
        {
            // Holds nothing.
        }
    }

    private static string Fill(string route, string value) => System.Text.RegularExpressions.Regex.Replace(route, @"\{[^}]*\}", value);
}

public sealed class AddressesOnSqlite(OnSqlite server) : AddressTests(server);

public sealed class AddressesOnPostgres(OnPostgres server) : AddressTests(server);
