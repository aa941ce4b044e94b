using System.Net;
using System.Net.Sockets;

namespace Countersign.Server.Http.Outbound;

/// <summary>How an outbound call ended.</summary>
internal abstract record OutboundAnswer
{
    private OutboundAnswer()
    {
    }

    /// <summary>An answer, whatever it says.</summary>
    /// <param name="Body">Its beginning, never more than the cap.</param>
    internal sealed record Answered(HttpStatusCode Status, byte[] Body) : OutboundAnswer;

    /// <summary>The request never reached the other side: trying again does nothing twice.</summary>
    internal sealed record NotSent(string Reason) : OutboundAnswer;

    /// <summary>The request may have reached the other side, and no answer came back.</summary>
    internal sealed record Lost(string Reason) : OutboundAnswer;
}

/// <summary>
/// The one way out over HTTP (D17): addresses are checked at connect, no redirects, no cookies, no proxy, capped answers,
/// a time limit for each call.
/// </summary>
internal sealed class OutboundClient(IHttpClientFactory clients)
{
    private const string Public = "outbound";
    private const string Private = "outbound-private";
    private const int HttpsPort = 443;
    private const int LongestBody = 16 * 1024;
    private static readonly TimeSpan ConnectionLifetime = TimeSpan.FromMinutes(2);

    public static void AddTo(IServiceCollection services)
    {
        Add(services, Public, allowPrivate: false);
        Add(services, Private, allowPrivate: true);
        services.AddSingleton<OutboundClient>();
    }

    /// <summary>Whether an address may be called at all; what the name leads to is checked at connect.</summary>
    public static bool Allows(Uri address, bool allowPrivate) =>
        address is { IsAbsoluteUri: true, UserInfo: "" }
        && (allowPrivate
            ? address.Scheme == Uri.UriSchemeHttps || address.Scheme == Uri.UriSchemeHttp
            : address.Scheme == Uri.UriSchemeHttps && address.Port == HttpsPort);

    /// <param name="allowPrivate">Only from a setting of the operator, never from data.</param>
    public async Task<OutboundAnswer> SendAsync(HttpRequestMessage request, bool allowPrivate, TimeSpan timeout, CancellationToken ct)
    {
        if (request.RequestUri is null || !Allows(request.RequestUri, allowPrivate))
        {
            return new OutboundAnswer.NotSent("address");
        }

        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(timeout);
        try
        {
            using var client = clients.CreateClient(allowPrivate ? Private : Public);
            using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, limit.Token);
            return new OutboundAnswer.Answered(response.StatusCode, await ReadAsync(response.Content, limit.Token));
        }
        catch (HttpRequestException e)
        {
            return e.HttpRequestError is HttpRequestError.NameResolutionError
                or HttpRequestError.ConnectionError
                or HttpRequestError.SecureConnectionError
                ? new OutboundAnswer.NotSent(e.GetBaseException() is AddressRefusedException ? "address" : "connect")
                : new OutboundAnswer.Lost("broken");
        }
        catch (IOException)
        {
            return new OutboundAnswer.Lost("broken");
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            return new OutboundAnswer.Lost("timeout");
        }
    }

    private static void Add(IServiceCollection services, string name, bool allowPrivate) =>
        services.AddHttpClient(name, client => client.Timeout = Timeout.InfiniteTimeSpan)
            .ConfigurePrimaryHttpMessageHandler(() => Handler(allowPrivate))
            .SetHandlerLifetime(Timeout.InfiniteTimeSpan)

            // Addresses carry references, and bodies codes.
            .RemoveAllLoggers();

    private static SocketsHttpHandler Handler(bool allowPrivate) => new()
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        UseProxy = false,
        AutomaticDecompression = DecompressionMethods.None,
        ActivityHeadersPropagator = null,
        MaxResponseHeadersLength = 16,
        PooledConnectionLifetime = ConnectionLifetime,
        ConnectCallback = (context, ct) => ConnectAsync(context.DnsEndPoint, allowPrivate, ct),
    };

    private static async ValueTask<Stream> ConnectAsync(DnsEndPoint to, bool allowPrivate, CancellationToken ct)
    {
        try
        {
            return new NetworkStream(await OutboundConnections.OpenAsync(to.Host, to.Port, allowPrivate, ct), ownsSocket: true);
        }
        catch (Exception e) when (e is AddressRefusedException or SocketException or TimeoutException)
        {
            throw new HttpRequestException(HttpRequestError.ConnectionError, "No connection.", e);
        }
    }

    private static async Task<byte[]> ReadAsync(HttpContent content, CancellationToken ct)
    {
        await using var stream = await content.ReadAsStreamAsync(ct);
        var body = new byte[LongestBody];
        var read = await stream.ReadAtLeastAsync(body, LongestBody, throwOnEndOfStream: false, ct);
        return body[..read];
    }
}
