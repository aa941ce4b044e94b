namespace Countersign.Server.Features.Programs.Applications;

/// <summary>The application that a request came from.</summary>
/// <param name="Countries">Countries whose accounts it may see; empty: all.</param>
internal sealed record ApplicationView(Guid Id, string ClientId, IReadOnlyList<string> Countries)
{
    public bool MaySee(string country) => Countries.Count == 0 || Countries.Contains(country, StringComparer.Ordinal);
}

internal static class ApplicationHttpExtensions
{
    private static readonly object Key = new();

    /// <summary>The application of a request that is past authorisation.</summary>
    public static ApplicationView Application(this HttpContext http) =>
        http.Items.TryGetValue(Key, out var value) && value is ApplicationView view
            ? view
            : throw new InvalidOperationException("The request has no application; the endpoint lets strangers in.");

    internal static void SetApplication(this HttpContext http, ApplicationView application) => http.Items[Key] = application;
}
