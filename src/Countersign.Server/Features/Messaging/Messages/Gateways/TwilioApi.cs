using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Countersign.Server.Http.Outbound;

namespace Countersign.Server.Features.Messaging.Messages.Gateways;

/// <summary>The fields of Twilio's answers that are read.</summary>
internal sealed record TwilioAnswer(
    [property: JsonPropertyName("sid")] string? Sid,
    [property: JsonPropertyName("code"), JsonNumberHandling(JsonNumberHandling.AllowReadingFromString)] int? Code);

[JsonSerializable(typeof(TwilioAnswer))]
internal sealed partial class TwilioJson : JsonSerializerContext;

/// <summary>Twilio's form API, for messages and calls alike.</summary>
internal static class TwilioApi
{
    /// <param name="resource"><c>Messages.json</c> or <c>Calls.json</c>.</param>
    public static async Task<Submission> PostAsync(
        OutboundClient outbound, GatewayOptions options, string resource, IEnumerable<KeyValuePair<string, string>> form,
        CancellationToken ct)
    {
        using var request = new HttpRequestMessage(
            HttpMethod.Post, $"{options.Url.TrimEnd('/')}/2010-04-01/Accounts/{options.User}/{resource}");
        request.Headers.Authorization = new AuthenticationHeaderValue(
            "Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{options.User}:{options.Password}")));
        request.Content = new FormUrlEncodedContent(form);
        return await outbound.SendAsync(request, options.AllowPrivateAddress, options.Timeout, ct) switch
        {
            OutboundAnswer.Answered answer when (int)answer.Status is >= 200 and < 300 => new Submission.Accepted(
                GatewayCode.CleanId(Read(answer.Body)?.Sid)),
            OutboundAnswer.Answered answer when GatewayCode.IsTemporary(answer.Status) => new Submission.Unavailable(Code(answer)),
            OutboundAnswer.Answered answer => new Submission.Refused(Code(answer)),
            OutboundAnswer.NotSent not => new Submission.Unavailable(not.Reason),
            OutboundAnswer.Lost lost => new Submission.Lost(lost.Reason),
            _ => throw new System.Diagnostics.UnreachableException(),
        };
    }

    private static string Code(OutboundAnswer.Answered answer) =>
        Read(answer.Body)?.Code is { } code
            ? code.ToString(System.Globalization.CultureInfo.InvariantCulture)
            : GatewayCode.Of(answer.Status);

    private static TwilioAnswer? Read(byte[] body)
    {
        try
        {
            return JsonSerializer.Deserialize(body, TwilioJson.Default.TwilioAnswer);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
