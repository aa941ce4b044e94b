using System.Net;
using AngleSharp.Dom;
using AngleSharp.Html.Dom;
using AngleSharp.Html.Parser;

namespace Countersign.Testing;

/// <summary>What a browser without scripts shows.</summary>
public sealed record TestPage(HttpStatusCode Status, Uri Address, string Html, HttpResponseMessage Response)
{
    private IHtmlDocument? _document;

    public IHtmlDocument Document => _document ??= new HtmlParser().ParseDocument(Html);

    /// <summary>The words of the page, without markup.</summary>
    public string Text => Document.Body?.TextContent ?? string.Empty;

    public string Path => Address.AbsolutePath;

    /// <summary>The form that has a field of this name, or the button of this handler.</summary>
    public IHtmlFormElement Form(string field) =>
        Document.Forms.FirstOrDefault(f => f.QuerySelector($"[name='{field}']") is not null || f.GetAttribute("action")?.Contains("handler=" + field, StringComparison.Ordinal) == true
            || f.QuerySelector($"[formaction*='handler={field}']") is not null)
        ?? throw new InvalidOperationException($"The page {Address} has no form with {field}:\n{Html}");
}

/// <summary>
/// A browser without scripts: cookies, forms, redirects. It keeps Secure cookies over plain HTTP too, so that tests may talk to a
/// server whose TLS ends in front of it.
/// </summary>
public sealed class TestBrowser : IDisposable
{
    private const int MostRedirects = 10;
    private readonly HttpClient _http;
    private readonly List<string> _lines = [];
    private readonly Dictionary<string, string> _cookies = new(StringComparer.Ordinal);

    /// <param name="address">The server.</param>
    /// <param name="source">Address that a trusted proxy would report; null sends no such header.</param>
    /// <param name="language">Accept-Language.</param>
    public TestBrowser(Uri address, string? source = null, string language = "en")
    {
#pragma warning disable RS0030 // A test client, on loopback.
        _http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }) { BaseAddress = address };
#pragma warning restore RS0030
        _http.DefaultRequestHeaders.Add("Accept-Language", language);
        _http.DefaultRequestHeaders.Add("User-Agent", "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0");
        if (source is not null)
        {
            _http.DefaultRequestHeaders.Add("X-Forwarded-For", source);
            _http.DefaultRequestHeaders.Add("X-Forwarded-Proto", "https");
        }
    }

    public IReadOnlyDictionary<string, string> Cookies => _cookies;

    /// <summary>The lines by which the server set cookies, without those that delete one.</summary>
    public IReadOnlyList<string> CookieLines => _lines;

    public void Dispose() => _http.Dispose();

    public void SetCookie(string name, string value) => _cookies[name] = value;

    /// <summary>Copies the cookies of another browser: what a thief of a profile has.</summary>
    public void TakeCookies(TestBrowser other)
    {
        foreach (var (name, value) in other._cookies)
        {
            _cookies[name] = value;
        }
    }

    public void DropCookie(string part)
    {
        foreach (var name in _cookies.Keys.Where(n => n.Contains(part, StringComparison.Ordinal)).ToList())
        {
            _cookies.Remove(name);
        }
    }

    public Task<TestPage> GetAsync(string path) => SendAsync(() => new HttpRequestMessage(HttpMethod.Get, path));

    /// <summary>Fills in and sends the form of a page, hidden fields included. <paramref name="button"/> names the handler of the button pressed.</summary>
    public Task<TestPage> SubmitAsync(TestPage page, string formWith, IReadOnlyDictionary<string, string> fields, string? button = null)
    {
        var form = page.Form(formWith);
        var values = Fields(form, fields);
        var pressed = button is null ? null : form.QuerySelector($"button[formaction*='handler={button}']");
        var action = pressed?.GetAttribute("formaction") ?? form.GetAttribute("action");
        var target = string.IsNullOrEmpty(action) ? page.Address : new Uri(page.Address, action);
        return SendAsync(() => new HttpRequestMessage(HttpMethod.Post, target) { Content = new FormUrlEncodedContent(values) });
    }

    /// <summary>Posts fields to a path and follows where the answer leads, whatever forms the page has.</summary>
    public Task<TestPage> PostAsync(string path, IReadOnlyDictionary<string, string> fields) =>
        SendAsync(() => new HttpRequestMessage(HttpMethod.Post, path) { Content = new FormUrlEncodedContent(fields) });

    /// <summary>The fields a form would send, for tests that send one form many times at once.</summary>
    public static Dictionary<string, string> Fields(IHtmlFormElement form, IReadOnlyDictionary<string, string> fields)
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var input in form.QuerySelectorAll<IHtmlInputElement>("input[name]").Where(i => i.Type is not ("radio" or "checkbox") || i.IsChecked))
        {
            values[input.Name!] = input.Value;
        }

        foreach (var (name, value) in fields)
        {
            values[name] = value;
        }

        return values;
    }

    /// <summary>
    /// Posts and keeps nothing. A refusal lies behind a redirect to the page itself, whose answer is what comes back; any other
    /// redirect is not followed.
    /// </summary>
    public async Task<HttpResponseMessage> PostRawAsync(Uri target, IReadOnlyDictionary<string, string> values)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, target) { Content = new FormUrlEncodedContent(values) };
        AddCookies(request);
        var response = await _http.SendAsync(request);
        var absolute = new Uri(_http.BaseAddress!, target);
        if (response.Headers.Location is not { } location || new Uri(absolute, location) is var page && page.AbsolutePath != absolute.AbsolutePath)
        {
            return response;
        }

        using var follow = new HttpRequestMessage(HttpMethod.Get, new Uri(absolute, location));
        var cookies = new Dictionary<string, string>(_cookies, StringComparer.Ordinal);
        KeepCookies(response, cookies);
        AddCookies(follow, cookies);
        response.Dispose();
        return await _http.SendAsync(follow);
    }

    /// <summary>Sends one request as it is, with the browser's cookies; follows nothing.</summary>
    public async Task<HttpResponseMessage> SendRawAsync(HttpRequestMessage request, HttpCompletionOption completion = HttpCompletionOption.ResponseContentRead)
    {
        AddCookies(request);
        var response = await _http.SendAsync(request, completion);
        KeepCookies(response);
        return response;
    }

    /// <summary>Sends one request with the browser's cookies; keeps and follows nothing.</summary>
    public async Task<HttpResponseMessage> SendOnceAsync(HttpRequestMessage request)
    {
        AddCookies(request);
        return await _http.SendAsync(request);
    }

    private async Task<TestPage> SendAsync(Func<HttpRequestMessage> first)
    {
        var next = first;
        for (var i = 0; i < MostRedirects; i++)
        {
            using var request = next();
            AddCookies(request);
            var response = await _http.SendAsync(request);
            KeepCookies(response);
            var address = new Uri(_http.BaseAddress!, request.RequestUri!);
            if (response.StatusCode is not (HttpStatusCode.Redirect or HttpStatusCode.SeeOther) || response.Headers.Location is not { } location)
            {
                return new TestPage(response.StatusCode, address, await response.Content.ReadAsStringAsync(), response);
            }

            var target = new Uri(address, location);
            next = () => new HttpRequestMessage(HttpMethod.Get, target);
        }

        throw new InvalidOperationException("Redirects without end.");
    }

    private void AddCookies(HttpRequestMessage request) => AddCookies(request, _cookies);

    private static void AddCookies(HttpRequestMessage request, Dictionary<string, string> cookies)
    {
        if (cookies.Count > 0)
        {
            request.Headers.Add("Cookie", string.Join("; ", cookies.Select(c => $"{c.Key}={c.Value}")));
        }
    }

    private void KeepCookies(HttpResponseMessage response)
    {
        KeepCookies(response, _cookies);
        if (response.Headers.TryGetValues("Set-Cookie", out var lines))
        {
            _lines.AddRange(lines.Where(l => !l.Split(';')[0].EndsWith('=')));
        }
    }

    private static void KeepCookies(HttpResponseMessage response, Dictionary<string, string> cookies)
    {
        if (!response.Headers.TryGetValues("Set-Cookie", out var lines))
        {
            return;
        }

        foreach (var line in lines)
        {
            var pair = line.Split(';')[0];
            var at = pair.IndexOf('=', StringComparison.Ordinal);
            var (name, value) = (pair[..at], pair[(at + 1)..]);
            if (value.Length == 0)
            {
                cookies.Remove(name);
            }
            else
            {
                cookies[name] = value;
            }
        }
    }
}
