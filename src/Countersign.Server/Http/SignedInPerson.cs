namespace Countersign.Server.Http;

/// <summary>What the frame of a page and the choice of its language need to know of whoever is signed in.</summary>
/// <param name="Language">Tag of the person's choice; null until there is one.</param>
/// <param name="TimeZone">IANA name.</param>
internal sealed record SignedInPerson(string Name, string? Language, string TimeZone);

internal static class SignedInPersonHttpExtensions
{
    private static readonly object Key = new();

    /// <summary>Null for a request of nobody.</summary>
    public static SignedInPerson? SignedInPerson(this HttpContext http) =>
        http.Items.TryGetValue(Key, out var value) ? (SignedInPerson?)value : null;

    /// <summary>Said by what recognises the person.</summary>
    public static void SetSignedInPerson(this HttpContext http, SignedInPerson person) => http.Items[Key] = person;
}
