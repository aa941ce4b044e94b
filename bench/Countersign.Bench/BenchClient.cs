using System.Net;
using System.Net.Http.Headers;

namespace Countersign.Bench;

/// <summary>
/// A browser reduced to what costs little, because it shares the cores with the server: no redirects, no parser,
/// cookies by hand, a form's token found by searching for it.
/// </summary>
/// <param name="source">The address that a proxy in front would report, by TLS; null: a demo is asked, where no proxy is.</param>
internal sealed class BenchClient(HttpMessageInvoker http, Uri server, string? source = null)
{
    private static readonly MediaTypeHeaderValue Form = new("application/x-www-form-urlencoded");

    private readonly Dictionary<string, string> _cookies = new(StringComparer.Ordinal);
    private readonly string _prefix = source is null ? "countersign-" : "__Host-countersign-";

    public static HttpMessageInvoker Connect() =>
        new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, UseProxy = false, ActivityHeadersPropagator = null });

    /// <summary>Begins anew with nothing but these cookies, given without the product's prefix.</summary>
    public void Reset(params ReadOnlySpan<(string Name, string Value)> cookies)
    {
        _cookies.Clear();
        foreach (var (name, value) in cookies)
        {
            Set(name, value);
        }
    }

    public void Set(string name, string value) => _cookies[_prefix + name] = value;

    /// <summary>Another browser with all cookies of this one but one.</summary>
    public BenchClient Without(string name)
    {
        var other = new BenchClient(http, server, source) { Patience = Patience };
        foreach (var (key, value) in _cookies.Where(c => c.Key != _prefix + name))
        {
            other._cookies.Add(key, value);
        }

        return other;
    }

    /// <summary>Whether the server has set this cookie.</summary>
    public bool Has(string name) => _cookies.TryGetValue(_prefix + name, out var value) && value.Length > 0;

    /// <summary>How long an answer is waited for.</summary>
    public TimeSpan Patience { get; init; } = Timeout.InfiniteTimeSpan;

    public string Cookie(string name) => _cookies[_prefix + name];

    /// <summary>The page, which has to be there.</summary>
    public async Task<string> GetAsync(string path)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(server, path));
        using var response = await SendAsync(request);
        var html = await response.Content.ReadAsStringAsync();
        return response.StatusCode == HttpStatusCode.OK
            ? html
            : throw new OtherAnswerException(
                response.StatusCode, $"GET {path} was answered with {(int)response.StatusCode} {response.Headers.Location}\n{html}");
    }

    /// <summary>Posts a form; returns where it leads.</summary>
    public async Task<string> PostAsync(string path, string form)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(server, path)) { Content = new StringContent(form, Form) };
        using var response = await SendAsync(request);
        return response.StatusCode == HttpStatusCode.Redirect && response.Headers.Location is { } location
            ? location.OriginalString
            : throw new OtherAnswerException(
                response.StatusCode,
                $"POST {path} was answered with {(int)response.StatusCode}\n{await response.Content.ReadAsStringAsync()}");
    }

    /// <summary>The value of a page's hidden form token.</summary>
    public static string TokenOf(string html)
    {
        const string Value = "value=\"";
        var field = html.IndexOf("name=\"form-token\"", StringComparison.Ordinal);
        var start = field < 0 ? -1 : html.IndexOf(Value, field, StringComparison.Ordinal) + Value.Length;
        return start < Value.Length
            ? throw new InvalidOperationException($"The page has no form token:\n{html}")
            : html[start..html.IndexOf('"', start)];
    }

    private async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request)
    {
        request.Headers.TryAddWithoutValidation("User-Agent", "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0");
        request.Headers.TryAddWithoutValidation("Accept-Language", "en");
        if (_cookies.Count > 0)
        {
            request.Headers.TryAddWithoutValidation("Cookie", string.Join("; ", _cookies.Select(c => c.Key + "=" + c.Value)));
        }

        if (source is not null)
        {
            request.Headers.TryAddWithoutValidation("X-Forwarded-For", source);
            request.Headers.TryAddWithoutValidation("X-Forwarded-Proto", "https");
        }

        using var patience = new CancellationTokenSource(Patience, TimeProvider.System);
        var response = await http.SendAsync(request, patience.Token);
        if (response.Headers.TryGetValues("Set-Cookie", out var lines))
        {
            foreach (var line in lines)
            {
                var at = line.IndexOf('=', StringComparison.Ordinal);
                var end = line.IndexOf(';', StringComparison.Ordinal);
                _cookies[line[..at]] = line[(at + 1)..(end < 0 ? line.Length : end)];
            }
        }

        return response;
    }
}

/// <summary>The server answered otherwise than it should.</summary>
internal sealed class OtherAnswerException(HttpStatusCode status, string message) : Exception(message)
{
    public HttpStatusCode Status => status;
}
