namespace Countersign.Server.Http;

/// <summary>
/// A browser in the few words by which its owner recognises it. What a browser says of itself is never trusted, only shown.
/// </summary>
internal static class BrowserLabel
{
    private static readonly (string Token, string Name)[] Browsers =
        [
            ("Edg/", "Edge"), ("OPR/", "Opera"), ("SamsungBrowser/", "Samsung Internet"), ("Firefox/", "Firefox"), ("FxiOS/", "Firefox"),
            ("CriOS/", "Chrome"), ("Chrome/", "Chrome"), ("Safari/", "Safari"),
        ];

    private static readonly (string Token, string Name)[] Systems =
        [
            ("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows"), ("Mac OS X", "macOS"),
            ("CrOS", "ChromeOS"), ("Linux", "Linux"),
        ];

    /// <summary>Such as <c>Firefox, Windows</c>; empty when nothing is recognised.</summary>
    public static string Of(string? userAgent)
    {
        var text = userAgent ?? string.Empty;
        string?[] parts = [Find(Browsers, text), Find(Systems, text)];
        return string.Join(", ", parts.OfType<string>());
    }

    private static string? Find((string Token, string Name)[] table, string text) =>
        table.FirstOrDefault(t => text.Contains(t.Token, StringComparison.Ordinal)).Name;
}
