using System.Globalization;
using System.Text.Json;
using Countersign.Protocol.Oath;

namespace Countersign.Protocol.Tests.Oath;

/// <summary>A vector of RFC 6287 appendix C.</summary>
internal sealed record OcraVector(OcraSuite Suite, byte[] Key, OcraCase Case, string Response, string DataInputHash);

/// <summary>The vectors of RFC 6287 appendix C.</summary>
internal static class OcraVectors
{
    public static IReadOnlyList<OcraVector> All() =>
        [.. from all in Vectors.Read("rfc6287.json").GetProperty("groups").EnumerateArray()
            from vector in all.GetProperty("vectors").EnumerateArray()
            select Read(all, vector)];

    private static OcraVector Read(JsonElement group, JsonElement vector) =>
        new(
            OcraSuite.Parse(group.Text("suite")),
            group.Bytes("key_hex"),
            new OcraCase(
                vector.Text("question"),
                vector.TryGetProperty("counter", out var counter) ? counter.GetInt64() : null,
                vector.TryGetProperty("pin_sha1_hex", out _) ? vector.Bytes("pin_sha1_hex") : [],
                [],
                vector.TryGetProperty("T_hex", out _)
                    ? long.Parse(vector.Text("T_hex"), NumberStyles.HexNumber, CultureInfo.InvariantCulture)
                    : null),
            vector.Text("response"),
            vector.Text("data_input_sha256"));
}
