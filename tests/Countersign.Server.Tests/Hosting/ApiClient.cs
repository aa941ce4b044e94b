using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace Countersign.Server.Tests.Hosting;

/// <summary>An answer of the API.</summary>
public sealed record ApiAnswer(HttpStatusCode Status, JsonElement Body, HttpResponseMessage Response)
{
    /// <summary>The code of a problem; fails on an answer that is none.</summary>
    public string Code
    {
        get
        {
            Assert.Equal("application/problem+json", Response.Content.Headers.ContentType?.MediaType);
            Assert.Equal((int)Status, Body.GetProperty("status").GetInt32());
            Assert.False(string.IsNullOrEmpty(Body.GetProperty("detail").GetString()));
            return Body.GetProperty("code").GetString()!;
        }
    }

    public string? Header(string name) => Response.Headers.TryGetValues(name, out var values) ? string.Join(", ", values) : null;
}

/// <summary>A program that uses the API, behind a proxy that ends TLS.</summary>
public sealed class ApiClient : IDisposable
{
    private readonly HttpClient _http;

    // Not among the client's default headers: those must not change while a request is under way.
    private volatile AuthenticationHeaderValue? _token;

    public ApiClient(Uri address, string? source = null)
    {
#pragma warning disable RS0030 // A test client, on loopback.
        _http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }) { BaseAddress = address };
#pragma warning restore RS0030
        _http.DefaultRequestHeaders.Add("X-Forwarded-For", source ?? CountersignServer.NewSource());
        _http.DefaultRequestHeaders.Add("X-Forwarded-Proto", "https");
    }

    public void Dispose() => _http.Dispose();

    /// <summary>Takes what is sent from now on for the token's.</summary>
    public void Use(string token) => _token = new AuthenticationHeaderValue("Bearer", token);

    /// <summary>Asks for a token.</summary>
    public async Task<ApiAnswer> TokenAsync(string clientId, string? secret, string? scope = null)
    {
        var form = new Dictionary<string, string> { ["grant_type"] = "client_credentials", ["client_id"] = clientId };
        if (secret is not null)
        {
            form["client_secret"] = secret;
        }

        if (scope is not null)
        {
            form["scope"] = scope;
        }

        using var request = new HttpRequestMessage(HttpMethod.Post, "/connect/token") { Content = new FormUrlEncodedContent(form) };
        return await SendAsync(request);
    }

    public async Task<ApiAnswer> GetAsync(string path)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        return await SendAsync(request);
    }

    public Task<ApiAnswer> PutAsync(string path, object body) => SendJsonAsync(HttpMethod.Put, path, JsonSerializer.Serialize(body));

    public Task<ApiAnswer> PostAsync(string path, object body, string? key = null) =>
        SendJsonAsync(HttpMethod.Post, path, JsonSerializer.Serialize(body), key);

    public async Task<ApiAnswer> SendJsonAsync(
        HttpMethod method, string path, string json, string? key = null, string type = "application/json")
    {
        using var request = new HttpRequestMessage(method, path) { Content = new StringContent(json, Encoding.UTF8, type) };
        if (key is not null)
        {
            request.Headers.TryAddWithoutValidation("Idempotency-Key", key);
        }

        return await SendAsync(request);
    }

    private async Task<ApiAnswer> SendAsync(HttpRequestMessage request)
    {
        request.Headers.Authorization = _token;
        var response = await _http.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        return new ApiAnswer(response.StatusCode, text.Length == 0 ? default : JsonSerializer.Deserialize<JsonElement>(text), response);
    }
}
