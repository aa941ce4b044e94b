using System.Text.Json;

namespace Countersign.Protocol.DPoP;

/// <summary>JSON that everybody reads alike: no member twice, no malformed text, no great depth.</summary>
internal static class StrictJson
{
    private const int MaxDepth = 8;

    private static readonly JsonDocumentOptions Options = new() { AllowDuplicateProperties = false, MaxDepth = MaxDepth };

    /// <summary>The object that the bytes are, or null if they are none.</summary>
    public static JsonElement? ReadObject(ReadOnlySpan<byte> utf8)
    {
        try
        {
            var read = JsonElement.Parse(utf8, Options);
            RequireText(read);
            return read.ValueKind == JsonValueKind.Object ? read : null;
        }
        catch (JsonException)
        {
            return null;
        }
        catch (InvalidOperationException)
        {
            // What the platform throws at text that is no Unicode, and only when the text is looked at.
            return null;
        }
    }

    /// <summary>The text of a member, or null if there is none, or something else.</summary>
    public static string? Text(this JsonElement element, string name) =>
        element.TryGetProperty(name, out var member) && member.ValueKind == JsonValueKind.String ? member.GetString() : null;

    // Once everything has been looked at, nothing that is read later can throw.
    private static void RequireText(JsonElement element)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                foreach (var member in element.EnumerateObject())
                {
                    _ = member.Name;
                    RequireText(member.Value);
                }

                break;
            case JsonValueKind.Array:
                foreach (var item in element.EnumerateArray())
                {
                    RequireText(item);
                }

                break;
            case JsonValueKind.String:
                _ = element.GetString();
                break;
            default:
                break;
        }
    }
}
