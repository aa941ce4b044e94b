using System.Net;
using Countersign.Server.Tests.Hosting;
using Countersign.Testing;

namespace Countersign.Server.Tests.Http;

/// <summary>What every answer says to the browser, whatever else it says. No answer asks the database for it.</summary>
public sealed class HeaderTests(OnSqlite server)
{
    private static readonly string[] Everywhere =
    [
        "/", "/sign-in", "/help", "/health/live", "/nowhere", "/css/base.css", "/favicon.ico", "/robots.txt", "/openapi/v1.json",
        "/api/v1/nowhere", "/challenges/xx/events", "/.well-known/openid-configuration", "/.well-known/change-password",
    ];

    [Fact]
    public async Task Every_answer_by_TLS_keeps_the_browser_to_TLS_and_none_by_plain_HTTP_does()
    {
        using var byTls = server.Browser();
        using var plain = new TestBrowser(server.Address);
        var wrong = new List<string>();
        foreach (var path in Everywhere)
        {
            using var strict = await byTls.SendRawAsync(new HttpRequestMessage(HttpMethod.Get, path));
            using var loose = await plain.SendRawAsync(new HttpRequestMessage(HttpMethod.Get, path));
            if (!Says(strict) || Says(loose))
            {
                wrong.Add($"{path}: {(int)strict.StatusCode}, {(int)loose.StatusCode}");
            }
        }

        using var stranger = new HttpRequestMessage(HttpMethod.Get, "/sign-in") { Headers = { Host = "elsewhere.example" } };
        using var refused = await byTls.SendRawAsync(stranger);

        Assert.Empty(wrong);
        Assert.Equal((HttpStatusCode.BadRequest, true), (refused.StatusCode, Says(refused)));
    }

    private static bool Says(HttpResponseMessage answer) =>
        answer.Headers.TryGetValues("Strict-Transport-Security", out var values)
            && values.Single() == "max-age=63072000; includeSubDomains";
}
