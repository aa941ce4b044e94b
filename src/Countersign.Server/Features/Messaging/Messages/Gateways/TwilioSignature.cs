using System.Security.Cryptography;
using System.Text;

namespace Countersign.Server.Features.Messaging.Messages.Gateways;

/// <summary>Twilio's signature of a form that it posts: HMAC-SHA-1 over the address as Twilio called it and the sorted fields.</summary>
internal static class TwilioSignature
{
    public static string Sign(string token, string address, IEnumerable<KeyValuePair<string, string>> form)
    {
        var text = new StringBuilder(address);
        foreach (var (key, value) in form.OrderBy(f => f.Key, StringComparer.Ordinal))
        {
            text.Append(key).Append(value);
        }

#pragma warning disable CA5350 // Twilio's choice; HMAC-SHA-1 is not broken.
        return Convert.ToBase64String(HMACSHA1.HashData(Encoding.UTF8.GetBytes(token), Encoding.UTF8.GetBytes(text.ToString())));
#pragma warning restore CA5350
    }

    public static bool IsGenuine(string token, string address, IEnumerable<KeyValuePair<string, string>> form, string? signature) =>
        CryptographicOperations.FixedTimeEquals(
            Encoding.ASCII.GetBytes(Sign(token, address, form)), Encoding.UTF8.GetBytes(signature ?? string.Empty));
}
