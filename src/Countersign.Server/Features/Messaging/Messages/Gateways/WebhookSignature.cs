using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Countersign.Server.Features.Messaging.Messages.Gateways;

/// <summary>
/// Signs what goes to a webhook and what comes back from it: HMAC-SHA-256 with the UTF-8 bytes of the secret over
/// <c>v1.DIRECTION.TIMESTAMP.ID.BODY</c>, in lower-case hexadecimal after <c>v1=</c>. The direction keeps a request from
/// being sent back to us as a receipt.
/// </summary>
internal static class WebhookSignature
{
    public const string TimestampHeader = "Countersign-Timestamp";
    public const string SignatureHeader = "Countersign-Signature";
    public const string Outwards = "send";
    public const string Inwards = "receipt";

    private const string Version = "v1";
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(5);

    public static string Sign(string secret, string direction, long timestamp, string id, ReadOnlySpan<byte> body)
    {
        byte[] bytes =
        [
            .. Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{Version}.{direction}.{timestamp}.{id}.")), .. body,
        ];
        return Version + "=" + Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), bytes));
    }

    public static bool IsGenuine(
        string secret, string direction, string? timestamp, string id, ReadOnlySpan<byte> body, string? signature, DateTimeOffset now) =>
        long.TryParse(timestamp, NumberStyles.None, CultureInfo.InvariantCulture, out var at)
        && Math.Abs((decimal)now.ToUnixTimeSeconds() - at) <= (decimal)Window.TotalSeconds
        && CryptographicOperations.FixedTimeEquals(
            Encoding.UTF8.GetBytes(Sign(secret, direction, at, id, body)), Encoding.UTF8.GetBytes(signature ?? string.Empty));
}
