using System.Text.Json;
using System.Threading.RateLimiting;
using Countersign.Server.Features.Messaging.Messages.Gateways;
using Countersign.Server.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.RateLimiting;

namespace Countersign.Server.Features.Messaging.Messages.Receipts;

/// <summary>
/// Where gateways report. The handle in the address says which attempt, and that we made it up; Twilio and webhooks sign as
/// well. Neither query nor body is ever logged: some gateways repeat the message in them.
/// </summary>
internal static class ReceiptEndpoints
{
    private const string Policy = "receipts";
    private const int PerMinute = 60_000;

    public static void AddReceipts(this IServiceCollection services)
    {
        services.AddSingleton<ReceiptHandles>();
        services.AddSingleton<ReceiptAddresses>();
        services.AddSingleton<RecordReceipt>();
        services.AddSingleton<ReceiptReader>();
        services.Configure<RateLimiterOptions>(o => o.AddPolicy(Policy, http => RateLimitPartition.GetFixedWindowLimiter(
            ClientSource.Of(http), _ => new FixedWindowRateLimiterOptions { PermitLimit = PerMinute, Window = TimeSpan.FromMinutes(1) })));
    }

    public static void MapReceipts(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/gateways/{gateway}/receipts/{handle}")
            .AllowAnonymous()
            .WithTags("Gateways")
            .RequireRateLimiting(Policy)
                .DisableAntiforgery().ExcludeFromDescription();
        group.MapGet(string.Empty, (string gateway, string handle, HttpContext http, ReceiptReader reader, CancellationToken ct) =>
            AnswerAsync(gateway, handle, http, reader, GatewayKind.Kannel, ct));
        group.MapPost(
            string.Empty,
            (string gateway, string handle, HttpContext http, ReceiptReader reader, MessageGateways gateways, CancellationToken ct) =>
                AnswerAsync(gateway, handle, http, reader, gateways.Configured.GetValueOrDefault(gateway)?.Kind ?? GatewayKind.None, ct));
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> AnswerAsync(
        string gateway, string handle, HttpContext http, ReceiptReader reader, GatewayKind kind, CancellationToken ct) =>
        await reader.TakeAsync(gateway, handle, kind, http.Request, ct) is { } error
            ? TypedResults.Problem(statusCode: error.Status(), extensions: new Dictionary<string, object?> { ["code"] = error.Code })
            : TypedResults.NoContent();
}

/// <summary>Checks that a receipt is genuine and reads it.</summary>
internal sealed class ReceiptReader(
    MessageGateways gateways, ReceiptHandles handles, ReceiptAddresses addresses, RecordReceipt record, TimeProvider time)
{
    private const int LargestBody = 16 * 1024;

    /// <returns>Why it is refused; null when it was taken.</returns>
    public async Task<Error?> TakeAsync(string gateway, string handle, GatewayKind kind, HttpRequest request, CancellationToken ct)
    {
        if (!gateways.Configured.TryGetValue(gateway, out var options)
            || options.Kind != kind
            || !handles.TryRead(gateway, handle, out var about))
        {
            return MessageErrors.UnknownReceipt;
        }

        if (request.ContentLength > LargestBody)
        {
            return MessageErrors.InvalidReceipt;
        }

        var read = kind switch
        {
            GatewayKind.Kannel => OfKannel(request),
            GatewayKind.Twilio => await OfTwilioAsync(options, handle, request, ct),
            GatewayKind.Webhook => await OfWebhookAsync(options, handle, request, ct),
            _ => MessageErrors.UnknownReceipt,
        };
        return read.Succeeded ? await record.RunAsync(gateway, about, read.Value, ct) ? null : MessageErrors.UnknownReceipt : read.Error;
    }

    private static Result<Receipt> OfKannel(HttpRequest request)
    {
        ReceiptStatus? status = request.Query["status"].ToString() switch
        {
            "1" => ReceiptStatus.Delivered,
            "2" or "16" => ReceiptStatus.Failed,
            "4" or "8" => ReceiptStatus.Pending,
            _ => null,
        };
        return status is null
            ? MessageErrors.InvalidReceipt
            : new Receipt(status.Value, KannelCode.Of(request.Query), GatewayCode.CleanId(request.Query["foreign"]));
    }

    private async Task<Result<Receipt>> OfTwilioAsync(GatewayOptions options, string handle, HttpRequest request, CancellationToken ct)
    {
        if (!request.HasFormContentType)
        {
            return MessageErrors.InvalidReceipt;
        }

        IFormCollection form;
        try
        {
            form = await request.ReadFormAsync(ct);
        }
        catch (InvalidDataException)
        {
            return MessageErrors.InvalidReceipt;
        }

        var fields = form.SelectMany(f => f.Value.Select(v => KeyValuePair.Create(f.Key, v ?? string.Empty)));
        return TwilioSignature.IsGenuine(options.Password, addresses.Of(options, handle), fields, request.Headers["X-Twilio-Signature"])
            ? TwilioStatus.Read(form)
            : MessageErrors.WrongSignature;
    }

    private async Task<Result<Receipt>> OfWebhookAsync(GatewayOptions options, string handle, HttpRequest request, CancellationToken ct)
    {
        var buffer = new byte[LargestBody + 1];
        var length = await request.Body.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, ct);
        if (length > LargestBody)
        {
            return MessageErrors.InvalidReceipt;
        }

        var body = buffer.AsMemory(0, length);
        if (!WebhookSignature.IsGenuine(
            options.Secret, WebhookSignature.Inwards, request.Headers[WebhookSignature.TimestampHeader], handle, body.Span,
            request.Headers[WebhookSignature.SignatureHeader], time.GetUtcNow()))
        {
            return MessageErrors.WrongSignature;
        }

        try
        {
            var receipt = JsonSerializer.Deserialize(body.Span, WebhookJson.Default.WebhookReceipt);
            ReceiptStatus? status = receipt?.Status switch
            {
                "queued" or "sending" => ReceiptStatus.Pending,
                "sent" => ReceiptStatus.Sent,
                "delivered" => ReceiptStatus.Delivered,
                "failed" => ReceiptStatus.Failed,
                "expired" => ReceiptStatus.Expired,
                _ => null,
            };
            return status is null ? MessageErrors.InvalidReceipt : new Receipt(status.Value, GatewayCode.Clean(receipt!.Code));
        }
        catch (JsonException)
        {
            return MessageErrors.InvalidReceipt;
        }
    }
}
