using System.Text.Json;

namespace Countersign.Protocol.Tests;

/// <summary>The published vectors, which the phone app's tests read too.</summary>
internal static class Vectors
{
    /// <summary>Reads the list <c>cases</c> of a file in the folder of vectors.</summary>
    public static IReadOnlyList<JsonElement> Cases(string file) => [.. Read(file).GetProperty("cases").EnumerateArray()];

    /// <summary>Reads a file in the folder of vectors.</summary>
    public static JsonElement Read(string file)
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "vectors", file)));
        return document.RootElement.Clone();
    }

    /// <summary>The bytes of a property in hexadecimal digits.</summary>
    public static byte[] Bytes(this JsonElement element, string property) => Convert.FromHexString(element.Text(property));

    public static string Text(this JsonElement element, string property) => element.GetProperty(property).GetString()!;
}
