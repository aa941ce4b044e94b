using System.Net;
using Countersign.Server.Tests.Hosting;
using Countersign.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Countersign.Server.Tests.Processes;

/// <summary>What nginx with our file does where the nodes behind it are away, or say that they are.</summary>
public sealed class ProxyTests(OnSqlite server)
{
    private const string Handle = "8Wq1handle2of3a4challenge5";

    /// <summary>Where nobody listens: the port was free a moment ago.</summary>
    private static Uri Nobody => new($"http://127.0.0.1:{TestDaemon.FreePort()}");

    [Fact]
    public async Task With_no_node_left_people_get_a_calm_page_in_three_languages_and_programs_a_problem()
    {
        await using var proxy = await TestProxy.StartAsync(Nobody, Nobody);
        using var http = new HttpMessageInvoker(proxy.Handler());

        using var page = await SendAsync(http, proxy, HttpMethod.Get, "/sign-in");
        using var posted = await SendAsync(http, proxy, HttpMethod.Post, "/sign-in");
        using var problem = await SendAsync(http, proxy, HttpMethod.Get, "/api/v1/accounts/1/restrictions");

        var text = await page.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.All(["One moment", "請稍候", "请稍候"], words => Assert.Contains(words, text, StringComparison.Ordinal));
        Assert.All([page, posted, problem], answer =>
        {
            Assert.Equal((HttpStatusCode.ServiceUnavailable, "30"), (answer.StatusCode, answer.Headers.RetryAfter?.ToString()));
            Assert.True(answer.Headers.Contains("Strict-Transport-Security"));
            Assert.True(answer.Headers.CacheControl?.NoStore);
        });
        Assert.Equal("text/html", posted.Content.Headers.ContentType?.MediaType);
        Assert.Equal("application/problem+json", problem.Content.Headers.ContentType?.MediaType);
    }

    [Fact]
    public async Task A_node_that_is_lost_is_not_noticed_and_what_a_node_says_passes_as_it_is()
    {
        await using var own = await server.FreshWithAsync(
            _ => { },
            app => app.MapGet("/away", (HttpResponse response) =>
            {
                response.Headers.RetryAfter = "2";
                return Results.Text("the node's own words", statusCode: StatusCodes.Status503ServiceUnavailable);
            }).AllowAnonymous(),
            ("Site:PublicUrl", "https://localhost"));
        await using var proxy = await TestProxy.StartAsync(Nobody, own.Address);
        using var http = new HttpMessageInvoker(proxy.Handler());

        for (var i = 0; i < 4; i++)
        {
            using var there = await SendAsync(http, proxy, HttpMethod.Get, "/sign-in");
            Assert.Equal(HttpStatusCode.OK, there.StatusCode);
            Assert.Single(there.Headers.GetValues("Strict-Transport-Security"));
        }

        using var said = await SendAsync(http, proxy, HttpMethod.Get, "/away");
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "2"), (said.StatusCode, said.Headers.RetryAfter?.ToString()));
        Assert.Equal("the node's own words", await said.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task No_log_of_it_has_the_handle_of_a_challenge_whatever_goes_wrong()
    {
        await using var proxy = await TestProxy.StartAsync(Nobody, Nobody);
        using var http = new HttpMessageInvoker(proxy.Handler());

        foreach (var path in new[] { $"/sign-in/{Handle}", $"/challenges/{Handle}/events", $"/sign-in/{Handle}/%zz" })
        {
            using var answer = await SendAsync(http, proxy, HttpMethod.Get, path);
        }

        // The lines are there, and say what became of it.
        await Waiting.UntilAsync(() => Task.FromResult(proxy.Logs.Contains(" GET 503 ", StringComparison.Ordinal)), Waiting.Ceiling);
        Assert.DoesNotContain(Handle, proxy.Logs, StringComparison.Ordinal);
    }

    private static Task<HttpResponseMessage> SendAsync(HttpMessageInvoker http, TestProxy proxy, HttpMethod method, string path)
    {
        var request = new HttpRequestMessage(method, new Uri(proxy.Address, path));
        request.Content = method == HttpMethod.Post ? new StringContent(string.Empty) : null;
        return http.SendAsync(request, TestContext.Current.CancellationToken);
    }
}
