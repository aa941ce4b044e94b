using System.CommandLine;
using Countersign.Server.Http;

namespace Countersign.Server.Cli;

/// <summary><c>countersign health</c>: asks a running server how it is, for images that hold no other program to ask with.</summary>
internal static class HealthCommand
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    public static Command Create()
    {
        var url = new Option<string>("--url")
        {
            Description = $"Address of the server (default {ServeMode.DefaultUrl}).",
            DefaultValueFactory = _ => ServeMode.DefaultUrl,
        };
        var ready = new Option<bool>("--ready") { Description = "Asks whether it can take traffic, not only whether it runs." };
        var command = new Command("health", "Asks a running server how it is; the exit code is 0 when it is well.") { url, ready };
        command.SetAction(
            (parsed, ct) => AskAsync(
                Address(parsed.GetValue(url)!, parsed.GetValue(ready) ? "/health/ready" : "/health/live"), parsed, ct));
        return command;
    }

    private static Uri Address(string url, string path) =>
        Uri.TryCreate(url, UriKind.Absolute, out var site) && (site.Scheme == Uri.UriSchemeHttp || site.Scheme == Uri.UriSchemeHttps)
            ? new Uri(site, path)
            : throw new StartException($"--url takes the address of a server, not: {url}");

    private static async Task<int> AskAsync(Uri address, ParseResult parsed, CancellationToken ct)
    {
#pragma warning disable RS0030 // Not the server's own call to the outside: a person or an image asks it, at an address of theirs.
        using var http = new HttpClient { Timeout = Patience };
#pragma warning restore RS0030
        try
        {
            using var response = await http.GetAsync(address, ct);
            await parsed.SayAsync(await response.Content.ReadAsStringAsync(ct));
            return response.IsSuccessStatusCode ? 0 : 1;
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
        {
            await parsed.InvocationConfiguration.Error.WriteLineAsync($"{address} does not answer.");
            return 1;
        }
    }
}
