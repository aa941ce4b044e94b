using System.Text;
using System.Text.Json;

namespace Countersign.Server.Cli;

/// <summary>Reads requests from JSON lines, one at a time, however many there are.</summary>
internal static class OcraLines
{
    // Several times what the longest suite, key, question and session take.
    private const int LongestLine = 8_192;

    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = 4 };

    /// <summary>The requests in order; empty lines are passed over, and so are properties that are not of a request.</summary>
    /// <exception cref="StartException">A line is no request; its number is named.</exception>
    public static IEnumerable<OcraRequest> Read(TextReader reader)
    {
        for (var number = 1; ReadLine(reader, number) is { } line; number++)
        {
            if (line.AsSpan().Trim().Length > 0)
            {
                yield return Parse(line, $"line {number}");
            }
        }
    }

    private static OcraRequest Parse(string line, string place)
    {
        try
        {
            using var document = JsonDocument.Parse(line, Strict);
            var properties = document.RootElement.EnumerateObject().Where(p => OcraRequest.Properties.Contains(p.Name))
                .ToDictionary(p => p.Name, p => TextOf(p, place), StringComparer.Ordinal);
            return new OcraRequest(properties.GetValueOrDefault, property => $"{place}: {property}");
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // Not the parser's own words: they may repeat a part of the line.
            throw new StartException($"{place}: a JSON object is expected, each property once.");
        }
    }

    // A number as it is written: a counter of 1e3 is none.
    private static string? TextOf(JsonProperty property, string place) => property.Value.ValueKind switch
    {
        JsonValueKind.String => property.Value.GetString(),
        JsonValueKind.Number when property.NameEquals(OcraRequest.Counter) => property.Value.GetRawText(),
        JsonValueKind.Null => null,
        _ => throw new StartException($"{place}: {property.Name} takes text."),
    };

    private static string? ReadLine(TextReader reader, int number)
    {
        var line = new StringBuilder();
        int c;
        while ((c = reader.Read()) is not (-1 or '\n'))
        {
            if (line.Length == LongestLine)
            {
                throw new StartException($"line {number}: a line has at most {LongestLine} characters.");
            }

            line.Append((char)c);
        }

        return c == -1 && line.Length == 0 ? null : line.ToString();
    }
}
