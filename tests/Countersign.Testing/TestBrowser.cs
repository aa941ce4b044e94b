using System.Collections.Immutable;
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
        Document.Forms.FirstOrDefault(f => f.QuerySelector($"[name='{field}']") is not null
            || f.GetAttribute("action")?.Contains("handler=" + field, StringComparison.Ordinal) == true
                || f.QuerySelector($"[formaction*='handler={field}']") is not null)
        ?? throw new InvalidOperationException($"The page {Address} has no form with {field}:\n{Html}");
}

/// <summary>
/// A browser without scripts: cookies, forms, redirects. It keeps Secure cookies over plain HTTP too, so that tests may talk to a
/// server whose TLS ends in front of it. Many requests may be under way at once: each takes the cookies as they are when it is sent,
/// and what one answer sets is set at once.
/// </summary>
public sealed class TestBrowser : IDisposable
{
    private const int MostRedirects = 10;
    private readonly HttpClient _http;
    private readonly Lock _gate = new();
    private volatile CookieJar _jar = CookieJar.Empty;

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

    /// <summary>The cookies as they are now; what comes later does not change them.</summary>
    public IReadOnlyDictionary<string, string> Cookies => _jar.Cookies;

    /// <summary>The lines by which the server set cookies, without those that delete one.</summary>
    public IReadOnlyList<string> CookieLines => _jar.Lines;

    public void Dispose() => _http.Dispose();

    public void SetCookie(string name, string value) => Change(jar => jar with { Cookies = jar.Cookies.SetItem(name, value) });

    /// <summary>Copies the cookies of another browser: what a thief of a profile has.</summary>
    public void TakeCookies(TestBrowser other) => Change(jar => jar with { Cookies = jar.Cookies.SetItems(other.Cookies) });

    public void DropCookie(string part) => Change(jar =>
        jar with { Cookies = jar.Cookies.RemoveRange(jar.Cookies.Keys.Where(n => n.Contains(part, StringComparison.Ordinal))) });

    public Task<TestPage> GetAsync(string path) => SendAsync(() => new HttpRequestMessage(HttpMethod.Get, path));

    /// <summary>
    /// Fills in and sends the form of a page, hidden fields included. <paramref name="button"/> names the handler of the button
    /// pressed.
    /// </summary>
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
        foreach (var input in form.QuerySelectorAll<IHtmlInputElement>("input[name]").Where(
            i => i.Type is not ("radio" or "checkbox") || i.IsChecked))
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
        _jar.AddTo(request);
        var response = await _http.SendAsync(request);
        var absolute = new Uri(_http.BaseAddress!, target);
        if (response.Headers.Location is not { } location || new Uri(absolute, location).AbsolutePath != absolute.AbsolutePath)
        {
            return response;
        }

        using var follow = new HttpRequestMessage(HttpMethod.Get, new Uri(absolute, location));
        _jar.With(response).AddTo(follow);
        response.Dispose();
        return await _http.SendAsync(follow);
    }

    /// <summary>Sends one request as it is, with the browser's cookies; follows nothing.</summary>
    public async Task<HttpResponseMessage> SendRawAsync(
        HttpRequestMessage request, HttpCompletionOption completion = HttpCompletionOption.ResponseContentRead)
    {
        _jar.AddTo(request);
        var response = await _http.SendAsync(request, completion);
        Change(jar => jar.With(response));
        return response;
    }

    /// <summary>Sends one request with the browser's cookies; keeps and follows nothing.</summary>
    public async Task<HttpResponseMessage> SendOnceAsync(HttpRequestMessage request)
    {
        _jar.AddTo(request);
        return await _http.SendAsync(request);
    }

    private async Task<TestPage> SendAsync(Func<HttpRequestMessage> first)
    {
        var next = first;
        for (var i = 0; i < MostRedirects; i++)
        {
            using var request = next();
            _jar.AddTo(request);
            var response = await _http.SendAsync(request);
            Change(jar => jar.With(response));
            var address = new Uri(_http.BaseAddress!, request.RequestUri!);
            if (response.StatusCode is not (HttpStatusCode.Redirect or HttpStatusCode.SeeOther)
                || response.Headers.Location is not { } location)
            {
                return new TestPage(response.StatusCode, address, await response.Content.ReadAsStringAsync(), response);
            }

            var target = new Uri(address, location);
            next = () => new HttpRequestMessage(HttpMethod.Get, target);
        }

        throw new InvalidOperationException("Redirects without end.");
    }

    private void Change(Func<CookieJar, CookieJar> change)
    {
        lock (_gate)
        {
            _jar = change(_jar);
        }
    }

    /// <summary>What a browser holds at one moment. Whoever has it has it whole, whatever answers come in the meantime.</summary>
    private sealed record CookieJar(ImmutableDictionary<string, string> Cookies, ImmutableList<string> Lines)
    {
        public static CookieJar Empty { get; } = new(ImmutableDictionary.Create<string, string>(StringComparer.Ordinal), []);

        public void AddTo(HttpRequestMessage request)
        {
            if (!Cookies.IsEmpty)
            {
                request.Headers.Add("Cookie", string.Join("; ", Cookies.Select(c => $"{c.Key}={c.Value}")));
            }
        }

        /// <summary>The jar once all that an answer sets and deletes has been set and deleted.</summary>
        public CookieJar With(HttpResponseMessage response) =>
            response.Headers.TryGetValues("Set-Cookie", out var lines) ? lines.Aggregate(this, (jar, line) => jar.With(line)) : this;

        private CookieJar With(string line)
        {
            var pair = line.Split(';')[0];
            var at = pair.IndexOf('=', StringComparison.Ordinal);
            var (name, value) = (pair[..at], pair[(at + 1)..]);
            return value.Length == 0
                ? this with { Cookies = Cookies.Remove(name) }
                : new CookieJar(Cookies.SetItem(name, value), Lines.Add(line));
        }
    }
}
