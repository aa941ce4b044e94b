using System.Net;
using System.Text;
using Countersign.Server.Features.Access.Sessions;
using Countersign.Server.Features.Confirming.Challenges;
using Countersign.Server.Features.Confirming.Devices;
using Countersign.Server.Features.Registry.PhoneNumbers;
using Countersign.Server.Features.Registry.Users;
using Countersign.Server.Http;
using Countersign.Server.Tests.Guards;
using Countersign.Server.Tests.Hosting;
using Countersign.Testing;
using CsCheck;

namespace Countersign.Server.Tests.Http;

/// <summary>Whatever is sent to whatever there is, the answer is the sender's fault, never ours.</summary>
public abstract class BadInputTests(CountersignServer server)
{
    private static readonly string[] Texts =
        [
            "", " ", "\0", "\uFFFE", "%00", "\r\nSet-Cookie: x=1", "'; DROP TABLE users; --", "<script>alert(1)</script>",
            "//evil.example", "\\\\evil.example", new string('9', 4_000), "١٢٣٤٥٦", "𝟙𝟚𝟛𝟜𝟝𝟞", "-1", "2147483648", "null", "[]",
            "{}",
        ];

    [Fact]
    public async Task Never_breaks_an_endpoint()
    {
        var user = await server.UserAsync();
        using var signedIn = server.Browser();
        var home = await server.SignInAsync(signedIn, user);
        using var stranger = server.Browser();
        var signIn = await stranger.GetAsync("/sign-in");
        var broken = new List<string>();
        foreach (var route in server.Routes())
        {
            foreach (var text in Texts.Where(t => t.Length < 1_000).Take(12))
            {
                var path = Fill(route, Uri.EscapeDataString(text.Length == 0 ? "x" : text));
                foreach (var (browser, page) in new[] { (signedIn, home), (stranger, signIn) })
                {
                    await TryAsync(
                        browser, HttpMethod.Get,
                        path
                            + "?return="
                            + Uri.EscapeDataString(text)
                            + "&choose="
                            + Uri.EscapeDataString(text)
                            + "&ended="
                            + Uri.EscapeDataString(
                                text),
                        null, broken);
                }
            }

            foreach (var handler in new[]
            {
                "",
                "?handler=answer",
                "?handler=choose",
                "?handler=repeat",
                "?handler=cancel",
                "?handler=End",
                "?handler=EndOthers",
                "?handler=" + Uri.EscapeDataString("\0"),
            })
            {
                // Every text to the first two; the other handlers read the same fields.
                foreach (var text in handler is "" or "?handler=answer" ? Texts : Texts[..4])
                {
                    var fields = CountersignServer.Fields(
                        signIn, ("username", text), ("password", text), ("code", text), ("prompt", text), ("device", text),
                        ("session", text), ("current-password", text), ("new-password", text), ("return", text), ("language", text),
                        ("theme", text), ("topic", text));
                    await TryAsync(stranger, HttpMethod.Post, Fill(route, "x") + handler, new FormUrlEncodedContent(fields), broken);
                }

                await TryAsync(
                    signedIn, HttpMethod.Post, Fill(route, "x") + handler, new StringContent("[1,2", Encoding.UTF8, "application/json"),
                    broken);
                await TryAsync(signedIn, HttpMethod.Post, Fill(route, "x") + handler, new ByteArrayContent([0xFF, 0xFE, 0x00]), broken);
                await TryAsync(signedIn, HttpMethod.Put, Fill(route, "x") + handler, null, broken);
            }
        }

        Assert.Empty(broken);
    }

    [Fact]
    public async Task Is_told_on_a_page_when_the_form_is_not_ours_or_far_too_long()
    {
        using var browser = server.Browser();
        var page = await browser.GetAsync("/sign-in");

        var without = await browser.PostAsync("/sign-in", new Dictionary<string, string> { ["username"] = "x", ["password"] = "y" });
        var signOut = await browser.PostAsync("/sign-out", new Dictionary<string, string>());
        var large = await browser.PostAsync(
            "/sign-in", CountersignServer.Fields(page, ("username", "x"), ("password", new string('p', 100_000))));

        Assert.Equal(HttpStatusCode.BadRequest, without.Status);
        Assert.NotEmpty(without.Document.QuerySelectorAll("h1"));
        Assert.Equal(HttpStatusCode.BadRequest, signOut.Status);
        Assert.NotEmpty(signOut.Document.QuerySelectorAll("h1"));
        Assert.True((int)large.Status is 400 or 413 or 422);
        Assert.NotEmpty(large.Document.QuerySelectorAll("h1"));
    }

    [Theory]
    [InlineData("/sign-in", "application/x-www-form-urlencoded; charset=utf-7")]
    [InlineData("/connect/token", "multipart/form-data; boundary=x; charset=utf-7")]
    [InlineData("/api/v1/messages", "application/json; charset=bogus")]
    public async Task In_another_encoding_is_refused_as_such(string path, string type)
    {
        using var browser = server.Browser();
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new ByteArrayContent("a=b"u8.ToArray()) };
        request.Content.Headers.TryAddWithoutValidation("Content-Type", type);

        using var response = await browser.SendRawAsync(request);

        Assert.Equal(HttpStatusCode.UnsupportedMediaType, response.StatusCode);
    }

    [Fact]
    public async Task In_a_cookie_is_as_good_as_no_cookie()
    {
        foreach (var name in new[] { "session", "opener", "browser", "form", "language", "theme", "refusal" })
        {
            foreach (var value in new[] { "x", "AAAA", new string('A', 3_000), "%00" })
            {
                using var browser = server.Browser();
                browser.SetCookie("__Host-countersign-" + name, value);

                Assert.Equal(HttpStatusCode.OK, (await browser.GetAsync("/sign-in")).Status);
            }
        }
    }

    [Fact]
    public async Task Keeps_what_was_typed_but_the_password()
    {
        using var browser = server.Browser();

        var page = await CountersignServer.TypePasswordAsync(browser, "someone.typed", "a wrong password");

        Assert.Equal("someone.typed", page.Document.QuerySelector("input[name='username']")!.GetAttribute("value"));
        Assert.DoesNotContain("a wrong password", page.Html, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/sign-in")]
    [InlineData("/help")]
    [InlineData("/nowhere")]
    [InlineData("/health/live")]
    [Claim("D31")]
    public async Task Every_answer_has_the_strict_headers(string path)
    {
        using var browser = server.Browser();

        var response = (await browser.GetAsync(path)).Response;

        var policy = Assert.Single(response.Headers.GetValues("Content-Security-Policy"));
        Assert.Contains("default-src 'none'", policy, StringComparison.Ordinal);
        Assert.Contains("require-trusted-types-for 'script'", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
        Assert.Equal("DENY", Assert.Single(response.Headers.GetValues("X-Frame-Options")));
        Assert.Equal("no-referrer", Assert.Single(response.Headers.GetValues("Referrer-Policy")));
        Assert.Contains("no-store", response.Headers.CacheControl!.ToString(), StringComparison.Ordinal);
    }

    private static async Task TryAsync(TestBrowser browser, HttpMethod method, string path, HttpContent? content, List<string> broken)
    {
        using var request = new HttpRequestMessage(method, path) { Content = content };
        HttpResponseMessage response;
        try
        {
            response = await browser.SendOnceAsync(request);
        }
        catch (HttpRequestException e)
        {
            broken.Add($"no answer: {method} {path[..Math.Min(200, path.Length)]}: {e.InnerException?.Message}");
            return;
        }

        using var answer = response;
        if ((int)response.StatusCode >= 500)
        {
            broken.Add($"{(int)response.StatusCode} {method} {path}");
        }
        else if (response.Headers.Location is { } to && !to.OriginalString.StartsWith('/'))
        {
            broken.Add($"leads away: {method} {path} → {to}");
        }
    }

    private static string Fill(string route, string value) => System.Text.RegularExpressions.Regex.Replace(route, @"\{[^}]*\}", value);
}

public sealed class BadInputOnSqlite(OnSqlite server) : BadInputTests(server);

public sealed class BadInputOnPostgres(OnPostgres server) : BadInputTests(server);

/// <summary>No text breaks a parser.</summary>
public sealed class ParserTests
{
    private static readonly Gen<string> Any = Gen.OneOf(
        Gen.String, Gen.Char[(char)0, (char)0xFFFF].Array[0, 60].Select(c => new string(c)));

    [Fact]
    public void Of_what_comes_from_outside() => Any.Sample(text =>
    {
        _ = ChallengeHandle.TryParse(text, null, out _);
        SessionToken.Parse(text);
        _ = UserName.TryParse(text, out _);
        _ = MobileNumber.TryParse(text, out _);
        _ = Digits.TryRead(text, 6, out _);
        Languages.Match(text);
        BrowserLabel.Of(text);
        var path = LocalPath.Or(text, "/");
        Assert.True(path[0] == '/' && (path.Length == 1 || path[1] is not ('/' or '\\')));
    });

    [Fact]
    public void A_handle_and_a_user_name_survive_the_round_trip() => Gen.Select(Gen.Guid, Gen.Guid).Sample((user, id) =>
    {
        var handle = new ChallengeHandle(user, id);

        Assert.True(ChallengeHandle.TryParse(handle.ToString(), null, out var back));
        Assert.Equal(handle, back);
    });

    [Theory]
    [InlineData("123456", "123456")]
    [InlineData(" 123 456 ", "123456")]
    [InlineData("123-456", "123456")]
    [InlineData("１２３４５６", "123456")]
    [InlineData("12345", null)]
    [InlineData("1234567", null)]
    [InlineData("12345a", null)]
    public void Digits_are_read_as_people_type_them(string typed, string? digits) =>
        Assert.Equal(digits, Digits.TryRead(typed, 6, out var read) ? read : null);

    [Theory]
    [InlineData("zh", "zh-Hans")]
    [InlineData("zh-CN", "zh-Hans")]
    [InlineData("zh-SG", "zh-Hans")]
    [InlineData("zh-TW", "zh-Hant")]
    [InlineData("zh-HK", "zh-Hant")]
    [InlineData("zh-Hant-CN", "zh-Hant")]
    [InlineData("zh-Hans-HK", "zh-Hans")]
    [InlineData("en-GB", "en")]
    [InlineData("fr", null)]
    public void A_language_is_found(string tag, string? language) => Assert.Equal(language, Languages.Match(tag)?.Name);

    [Theory]
    [InlineData("198.51.100.7", "198.51.100.7")]
    [InlineData("::ffff:198.51.100.7", "198.51.100.7")]
    [InlineData("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64")]
    public void A_source_is_an_IPv4_address_or_a_64(string address, string source) =>
        Assert.Equal(source, ClientSource.Of(IPAddress.Parse(address)));
}
