using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text.Json;
using Countersign.Protocol.DPoP;

namespace Countersign.Server.Tests.Hosting;

/// <summary>What a program was answered.</summary>
public sealed record ProgramAnswer(HttpStatusCode Status, JsonElement Body)
{
    public bool Succeeded => Status == HttpStatusCode.OK;

    /// <summary>The refusal's code; null where there is none.</summary>
    public string? Code => Body.ValueKind == JsonValueKind.Object && Body.TryGetProperty("code", out var code) ? code.GetString() : null;

    public string Text(string name) => Body.GetProperty(name).GetString()!;
}

/// <summary>A program with a key of its own, which signs each request (RFC 9449).</summary>
public sealed class ProgramClient : IDisposable
{
    private static readonly JsonSerializerOptions Web = new(JsonSerializerDefaults.Web);
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly HttpClient _http;
    private readonly IReadOnlyList<Uri> _nodes;
    private readonly Uri _site;
    private int _requests;
    private int _sent;
    private volatile string? _nonce;

    /// <param name="nodes">Where the server listens; of several, each request goes to the next one.</param>
    /// <param name="site">What it calls itself: that is what is signed.</param>
    public ProgramClient(IReadOnlyList<Uri> nodes, Uri site)
    {
        (_nodes, _site) = (nodes, site);
#pragma warning disable RS0030 // A test client, on loopback.
        _http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false });
#pragma warning restore RS0030
        _http.DefaultRequestHeaders.Add("X-Forwarded-For", CountersignServer.NewSource());
        _http.DefaultRequestHeaders.Add("X-Forwarded-Proto", "https");
    }

    public string Thumbprint => DPoPProof.Thumbprint(_key);

    public void Dispose()
    {
        _http.Dispose();
        _key.Dispose();
    }

    /// <summary>Posts JSON with a fresh proof; where the server asks for its nonce, once more with it.</summary>
    public async Task<ProgramAnswer> PostAsync(string path, object body)
    {
        var bytes = JsonSerializer.SerializeToUtf8Bytes(body, Web);
        var answer = await SendAsync(path, bytes, Proof(path, bytes));
        return answer.Code == "dpop.use_nonce" ? await SendAsync(path, bytes, Proof(path, bytes)) : answer;
    }

    /// <summary>A proof for one request, with the nonce that the server gave last.</summary>
    public string Proof(string path, byte[] body)
    {
        var request = new DPoPRequest { Method = "POST", Address = new Uri(_site, path), BodyHash = SHA256.HashData(body) };
        var jti = string.Create(CultureInfo.InvariantCulture, $"request-{Interlocked.Increment(ref _requests)}");
        return DPoPProof.Create(_key, request, jti, DateTimeOffset.UnixEpoch, _nonce);
    }

    public async Task<ProgramAnswer> SendAsync(string path, byte[] body, string? proof)
    {
        var node = _nodes[Interlocked.Increment(ref _sent) % _nodes.Count];
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(node, path)) { Content = new ByteArrayContent(body) };
        if (proof is not null)
        {
            request.Headers.Add("DPoP", proof);
        }

        using var response = await _http.SendAsync(request);
        if (response.Headers.TryGetValues("DPoP-Nonce", out var nonces))
        {
            _nonce = nonces.Single();
        }

        var text = await response.Content.ReadAsStringAsync();
        return new ProgramAnswer(response.StatusCode, text.Length == 0 ? default : JsonDocument.Parse(text).RootElement.Clone());
    }
}
