using System.CommandLine;
using System.Globalization;
using Countersign.Server.Data;
using Countersign.Server.Features.Programs.Api;
using Countersign.Server.Features.Programs.Applications;
using Microsoft.EntityFrameworkCore;

namespace Countersign.Server.Cli;

/// <summary><c>countersign applications …</c>: who may use the API. Works beside a running server.</summary>
internal static class ApplicationsCommand
{
    private const int LongestName = 100;
    private static readonly TimeSpan LongestGrace = TimeSpan.FromDays(30);

    public static Command Create() => new("applications", "Applications that may use the API. A change takes effect at the next request.")
    {
        Add(),
        List(),
        Rotate(),
        Remove(),
    };

    private static Command Add()
    {
        var name = new Argument<string>("name") { Description = "What the application is called, for people." };
        var scopes = new Option<string[]>("--scope")
        {
            Description = $"What it may do: {string.Join(", ", ApiScopes.All)}; may be repeated.",
            Required = true,
        };
        scopes.AcceptOnlyFromAmong([.. ApiScopes.All]);
        var countries = new Option<string[]>("--country")
        {
            Description = "ISO 3166 country whose accounts it may see; may be repeated (default all).",
        };
        return With(new Command("add", "Registers an application and prints its secret, this once.")
        {
            name,
            scopes,
            countries,
        }, async (parsed, services, ct) =>
        {
            var called = parsed.GetValue(name)!.Trim();
            if (called.Length is 0 or > LongestName || called.Any(char.IsControl))
            {
                throw new StartException($"A name has 1 to {LongestName} characters.");
            }

            var wanted = (parsed.GetValue(countries) ?? []).Distinct(StringComparer.Ordinal).ToList();
            if (wanted.Find(c => c.Length != 2 || !c.All(char.IsAsciiLetterUpper)) is { } bad)
            {
                throw new StartException($"--country takes ISO 3166 countries of two capital letters, not: {bad}");
            }

            var made = await services.GetRequiredService<RegisterApplications>().AddAsync(
                called, [.. parsed.GetValue(scopes)!.Distinct(StringComparer.Ordinal)], wanted, ct);
            await parsed.SayAsync($"client_id      {made.ClientId}");
            await parsed.SayAsync($"client_secret  {made.Secret}");
            await parsed.SayAsync("The secret is not stored and cannot be shown again.");
            return 0;
        });
    }

    private static Command List() => With(new Command("list", "Lists the applications."), async (parsed, services, ct) =>
    {
        await using var db = services.GetRequiredService<Contexts>().Read();
        foreach (var one in await db.Set<Application>().OrderBy(a => a.CreatedAt).ToListAsync(ct))
        {
            var created = one.CreatedAt.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
            var countries = one.Countries.Length == 0 ? "all countries" : one.Countries;
            await parsed.SayAsync(
                $"{one.ClientId}  {created}  {one.DisplayName}  [{string.Join(' ', one.ReadScopes())}]  {countries}");
        }

        return 0;
    });

    private static Command Rotate()
    {
        var id = ClientId();
        var grace = new Option<TimeSpan>("--grace")
        {
            Description = "How long the old secret stays valid, as [days.]hours:minutes:seconds; 0 ends it at once.",
            DefaultValueFactory = _ => TimeSpan.FromDays(1),
        };
        return With(new Command("rotate-secret", "Gives an application a new secret and prints it, this once.")
        {
            id,
            grace,
        }, async (parsed, services, ct) =>
        {
            var kept = parsed.GetValue(grace);
            if (kept < TimeSpan.Zero || kept > LongestGrace)
            {
                throw new StartException($"--grace is from 0 to {LongestGrace.TotalDays} days.");
            }

            var secret = await services.GetRequiredService<RegisterApplications>().RotateAsync(parsed.GetValue(id)!, kept, ct)
                ?? throw None(parsed.GetValue(id)!);
            await parsed.SayAsync($"client_secret  {secret}");
            await parsed.SayAsync(
                kept == TimeSpan.Zero ? "The old secret is not valid any more." : $"The old secret stays valid for {kept:c}.");
            return 0;
        });
    }

    private static Command Remove()
    {
        var id = ClientId();
        return With(new Command("remove", "Removes an application: its access ends at once, also that of tokens it holds.")
        {
            id,
        }, async (parsed, services, ct) =>
        {
            if (!await services.GetRequiredService<RegisterApplications>().RemoveAsync(parsed.GetValue(id)!, ct))
            {
                throw None(parsed.GetValue(id)!);
            }

            await parsed.SayAsync("Removed.");
            return 0;
        });
    }

    private static Argument<string> ClientId() => new("id") { Description = "Its client_id." };

    private static StartException None(string id) => new($"There is no application {id}.");

    private static Command With(Command command, Func<ParseResult, IServiceProvider, CancellationToken, Task<int>> run)
    {
        var common = new CommonOptions();
        common.AddTo(command);
        command.SetAction(async (parsed, ct) =>
        {
            await using var app = common.Build(parsed);
            await app.Services.GetRequiredService<Database>().CheckAsync(demo: false, ct);
            return await run(parsed, app.Services, ct);
        });
        return command;
    }
}
