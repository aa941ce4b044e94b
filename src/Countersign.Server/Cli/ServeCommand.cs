using System.CommandLine;
using System.CommandLine.Parsing;
using Countersign.Server.Data;
using Countersign.Server.Http;
using Microsoft.Extensions.Options;

namespace Countersign.Server.Cli;

/// <summary><c>countersign serve</c>: the portal, until SIGTERM.</summary>
internal static class ServeCommand
{
    private const char Separator = ';';

    public static Command Create()
    {
        var common = new CommonOptions();
        var urls = new Option<string>("--urls")
        {
            Description = $"Addresses to listen on, parted by semicolons (default {ServeMode.DefaultUrl}).",
            DefaultValueFactory = _ => ServeMode.DefaultUrl,
        };
        urls.Validators.Add(CheckUrls);
        var demo = new Option<bool>("--demo") { Description = "Demo mode: personas, a demo phone and mailbox, in a database of its own." };
        var exposed = new Option<bool>("--demo-expose")
        {
            Description = "Lets demo mode listen on addresses that other machines reach. Its passwords are public.",
        };
        var command = new Command("serve", "Runs the server (the default command).") { urls, demo, exposed };
        common.AddTo(command);
        command.SetAction((parsed, ct) =>
        {
            var addresses = Split(parsed.GetValue(urls)!);
            var mode = new ServeMode(parsed.GetValue(demo)) { Exposed = parsed.GetValue(exposed), Url = addresses[0] };
            RefuseExposure(mode, addresses);
            return RunAsync(mode, addresses, common.CreateBuilder(parsed, mode), parsed, ct);
        });
        return command;
    }

    private static async Task<int> RunAsync(
        ServeMode mode, string[] urls, WebApplicationBuilder builder, ParseResult parsed, CancellationToken ct)
    {
        builder.WebHost.UseUrls(urls);
        await using var app = CountersignHost.Build(builder, mode);
        var data = app.Services.GetRequiredService<IOptions<DataOptions>>().Value;
        using var folder = FolderLock.Take(data);
        await CountersignHost.PrepareAsync(app, mode, ct);
        await StartAsync(app, mode, ct);
        var address = app.Urls.First();
        CountersignHost.Settle(app, mode, address);
        foreach (var line in CountersignHost.Greeting(mode, address))
        {
            await parsed.SayAsync(line);
        }

        await parsed.SayAsync($"Ready: {address}");
        await app.WaitForShutdownAsync(ct);
        return 0;
    }

    private static async Task StartAsync(WebApplication app, ServeMode mode, CancellationToken ct)
    {
        var started = false;
        try
        {
            await app.StartAsync(ct);

            // Whatever chose them: more than one setting makes Kestrel listen.
            RefuseExposure(mode, app.Urls);
            started = true;
        }
        finally
        {
            if (!started)
            {
                // What has begun already would find its services gone, and log that.
                await app.StopAsync(CancellationToken.None);
            }
        }
    }

    private static string[] Split(string urls) =>
        urls.Split(Separator, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    private static void CheckUrls(OptionResult given)
    {
        var urls = Split(given.GetValueOrDefault<string>() ?? string.Empty);
        if (urls.Length == 0 || Array.Find(urls, u => !IsAddress(u)) is not null)
        {
            given.AddError(
                $"--urls takes addresses to listen on, such as {ServeMode.DefaultUrl}, parted by semicolons, not: "
                    + string.Join(Separator, urls));
        }
    }

    private static bool IsAddress(string url)
    {
        try
        {
            var address = BindingAddress.Parse(url);
            return (address.Scheme.Equals("http", StringComparison.OrdinalIgnoreCase)
                    || address.Scheme.Equals("https", StringComparison.OrdinalIgnoreCase))
                && address.PathBase.Length == 0
                && (address.IsUnixPipe || (address.Port is >= 0 and <= ushort.MaxValue && Uri.TryCreate(
                    ServeMode.PublicUrlOf(url), UriKind.Absolute, out _)));
        }
        catch (Exception e) when (e is FormatException or UriFormatException or ArgumentException or InvalidOperationException)
        {
            return false;
        }
    }

    private static void RefuseExposure(ServeMode mode, IEnumerable<string> urls)
    {
        if (mode is { Demo: true, Exposed: false } && urls.FirstOrDefault(IsReachable) is { } url)
        {
            throw new StartException(
                $"Demo mode listens on this machine only, and {url} can be reached from others. Its passwords are "
                    + "public; to do it all the same add --demo-expose.");
        }
    }

    private static bool IsReachable(string url) =>
        BindingAddress.Parse(url) is { IsUnixPipe: false } address && !ServeMode.IsLoopback(address.Host);
}
