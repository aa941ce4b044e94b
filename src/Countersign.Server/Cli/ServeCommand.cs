using System.CommandLine;
using Countersign.Server.Data;
using Countersign.Server.Http;
using Microsoft.Extensions.Options;

namespace Countersign.Server.Cli;

/// <summary><c>countersign serve</c>: the portal, until SIGTERM.</summary>
internal static class ServeCommand
{
    public const string DefaultUrl = "http://localhost:5080";

    public static Command Create()
    {
        var common = new CommonOptions();
        var urls = new Option<string?>("--urls") { Description = $"Addresses to listen on, parted by semicolons (default {DefaultUrl})." };
        var demo = new Option<bool>("--demo") { Description = "Demo mode: personas, a demo phone and mailbox, in a database of its own." };
        var exposed = new Option<bool>("--demo-expose")
        {
            Description = "Lets demo mode listen on addresses that other machines reach. Its passwords are public.",
        };
        var command = new Command("serve", "Runs the server (the default command).") { urls, demo, exposed };
        common.AddTo(command);
        command.SetAction((parsed, ct) =>
        {
            var mode = new ServeMode(parsed.GetValue(demo));
            var addresses = parsed.GetValue(urls) ?? DefaultUrl;
            if (mode.Demo && !parsed.GetValue(exposed))
            {
                RefuseExposure(addresses);
            }

            return RunAsync(mode, addresses, common.CreateBuilder(parsed, mode), parsed, ct);
        });
        return command;
    }

    private static async Task<int> RunAsync(
        ServeMode mode, string urls, WebApplicationBuilder builder, ParseResult parsed, CancellationToken ct)
    {
        builder.WebHost.UseUrls(urls);
        await using var app = CountersignHost.Build(builder, mode);
        var data = app.Services.GetRequiredService<IOptions<DataOptions>>().Value;
        using var folder = FolderLock.Take(data);
        await CountersignHost.PrepareAsync(app, mode, ct);
        await app.StartAsync(ct);
        var address = app.Urls.First();
        foreach (var line in CountersignHost.Greeting(mode, address))
        {
            await parsed.SayAsync(line);
        }

        await parsed.SayAsync($"Ready: {address}");
        await app.WaitForShutdownAsync(ct);
        return 0;
    }

    private static void RefuseExposure(string urls)
    {
        foreach (var url in urls.Split(';', StringSplitOptions.RemoveEmptyEntries))
        {
            var host = BindingAddress.Parse(url).Host;
            if (host != "localhost"
                && !(System.Net.IPAddress.TryParse(host.Trim('[', ']'), out var ip) && System.Net.IPAddress.IsLoopback(ip)))
            {
                throw new StartException(
                    $"Demo mode listens on this machine only, and {url} can be reached from others. Its passwords are "
                        + "public; to do it all the same add --demo-expose.");
            }
        }
    }
}
