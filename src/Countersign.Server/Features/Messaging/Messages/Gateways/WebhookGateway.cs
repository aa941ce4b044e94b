using System.Globalization;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Serialization;
using Countersign.Server.Features.Messaging.Messages.Receipts;
using Countersign.Server.Http.Outbound;

namespace Countersign.Server.Features.Messaging.Messages.Gateways;

/// <summary>A message as a webhook gets it.</summary>
/// <param name="Id">Names the message here and in receipts; also the idempotency key.</param>
internal sealed record WebhookMessage(
    string Id, string Channel, string To,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Subject,
    string Text, string Language, string Template, DateTimeOffset ExpiresAt);

/// <summary>The field of a webhook's answers that is read.</summary>
internal sealed record WebhookAnswer(string? Id, string? Code);

/// <summary>A receipt as a webhook sends it.</summary>
internal sealed record WebhookReceipt(string? Status, string? Code);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(WebhookMessage))]
[JsonSerializable(typeof(WebhookAnswer))]
[JsonSerializable(typeof(WebhookReceipt))]
internal sealed partial class WebhookJson : JsonSerializerContext;

/// <summary>Any channel by a signed request to a program of the operator, which sends one id at most once.</summary>
internal sealed class WebhookGateway(
    GatewayOptions options, MessageChannel channel, OutboundClient outbound, ReceiptHandles handles, TimeProvider time) : IMessageGateway
{
    public string Id => options.Id;

    public MessageChannel Channel => channel;

    public bool Idempotent => true;

    public bool KeepsBodies => false;

    public bool PromisesReceipts => options.Receipts ?? false;

    public async Task<Submission> SendAsync(OutgoingMessage message, CancellationToken ct)
    {
        // The same for each attempt, or it would be no idempotency key.
        var id = handles.Make(Id, message.UserId, message.Reference, attempt: 0);
        var body = JsonSerializer.SerializeToUtf8Bytes(
            new WebhookMessage(
                id, channel.ToString().ToLowerInvariant(), message.Recipient, message.Subject, message.Text, message.Language,
                message.Template, message.ExpiresAt),
            WebhookJson.Default.WebhookMessage);
        var now = time.GetUtcNow().ToUnixTimeSeconds();
        using var request = new HttpRequestMessage(HttpMethod.Post, options.Url) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        request.Headers.Add("Idempotency-Key", id);
        request.Headers.Add(WebhookSignature.TimestampHeader, now.ToString(CultureInfo.InvariantCulture));
        request.Headers.Add(
            WebhookSignature.SignatureHeader, WebhookSignature.Sign(options.Secret, WebhookSignature.Outwards, now, id, body));
        return await outbound.SendAsync(request, options.AllowPrivateAddress, options.Timeout, ct) switch
        {
            OutboundAnswer.Answered answer when (int)answer.Status is >= 200 and < 300 => new Submission.Accepted(
                GatewayCode.CleanId(Read(answer.Body)?.Id)),
            OutboundAnswer.Answered answer when GatewayCode.IsTemporary(answer.Status) => new Submission.Unavailable(Code(answer)),
            OutboundAnswer.Answered answer => new Submission.Refused(Code(answer)),
            OutboundAnswer.NotSent not => new Submission.Unavailable(not.Reason),
            OutboundAnswer.Lost lost => new Submission.Lost(lost.Reason),
            _ => throw new System.Diagnostics.UnreachableException(),
        };
    }

    private static string Code(OutboundAnswer.Answered answer) =>
        GatewayCode.Clean(Read(answer.Body)?.Code) ?? GatewayCode.Of(answer.Status);

    private static WebhookAnswer? Read(byte[] body)
    {
        try
        {
            return body.Length == 0 ? null : JsonSerializer.Deserialize(body, WebhookJson.Default.WebhookAnswer);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
