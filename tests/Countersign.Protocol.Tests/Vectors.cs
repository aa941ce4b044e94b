using System.Text.Json;

namespace Countersign.Protocol.Tests;

/// <summary>The published vectors, which the phone app's tests read too.</summary>
internal static class Vectors
{
    /// <summary>Reads the list <c>cases</c> of a file in the folder of vectors.</summary>
    public static IReadOnlyList<JsonElement> Cases(string file)
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "vectors", file)));
        return [.. document.RootElement.GetProperty("cases").EnumerateArray().Select(element => element.Clone())];
    }
}
