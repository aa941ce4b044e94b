using System.Diagnostics;
using Countersign.Bench.Kinds;
using Countersign.Bench.Scenarios;
using Countersign.Server;
using Countersign.Server.Data;
using Countersign.Server.Features.Ground.Rations;
using Countersign.Server.Features.Kinds.TextMessages;
using Countersign.Server.Features.Messaging.Messages;
using Countersign.Server.Http;
using Countersign.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Countersign.Bench;

/// <summary>
/// A database with its users. This program opens it by the server's own code and key file, to fill it and to read what came to
/// a phone; the server that is measured is another process.
/// </summary>
internal sealed class Target : IAsyncDisposable
{
    private const int RowsPerUnit = 500;

    private static readonly SqlStatement MoveBack = new("UPDATE credentials SET position = 0 WHERE owner_id = $1 AND id = $2");
    private static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(5);

    /// <summary>The cheapest that a password hash can be.</summary>
    private static readonly Dictionary<string, string?> LightHash = new()
    {
        ["Passwords:MemoryKiB"] = "8",
        ["Passwords:Passes"] = "1",
    };

    private readonly BenchOptions _options;
    private readonly TestFolder? _temporary;
    private readonly string _folder;
    private readonly PostgresCluster? _cluster;
    private readonly string? _connection;
    private readonly WebApplication _app;

    private Target(string name, BenchOptions options, PostgresCluster? cluster, string? connection)
    {
        (Name, _options, _cluster, _connection) = (name, options, cluster, connection);
        _temporary = connection is null && options.Keep is not null ? null : new TestFolder();
        _folder = _temporary?.Path ?? options.Keep!.FullName;
        var mode = new ServeMode(Demo: true);
        var builder = CountersignHost.CreateBuilder(mode, c => c.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Data:Directory"] = _folder,
            ["Data:Postgres"] = connection,
        }).AddInMemoryCollection(options.LightHash ? LightHash : []));
        builder.Logging.ClearProviders();
        _app = CountersignHost.Build(builder, mode);
    }

    public string Name { get; }

    public IServiceProvider Services => _app.Services;

    /// <summary>Those who take part.</summary>
    public IReadOnlyList<BenchUser> Users { get; private set; } = [];

    /// <summary>How long it took to fill, or to find what was filled before, and how large it was then, in bytes.</summary>
    public (TimeSpan Took, long Bytes) Filled { get; private set; }

    /// <summary>The kinds of device of those who take part.</summary>
    public IReadOnlyList<IBenchKind> Kinds => field ??=
    [
        ActivatorUtilities.CreateInstance<TextMessages>(Services, Prompts),
        ActivatorUtilities.CreateInstance<AuthenticatorApps>(Services),
        ActivatorUtilities.CreateInstance<CodeCards>(Services),
        ActivatorUtilities.CreateInstance<Passkeys>(Services, Prompts),
    ];

    private Prompts Prompts => field ??= ActivatorUtilities.CreateInstance<Prompts>(Services);

    public IBenchKind Kind(string id) => Kinds.Single(k => k.Id == id);

    public IScenario Scenario(string name) => name switch
    {
        "floor" => new FloorScenario(),
        "page" => new PageScenario(),
        "session" => new SessionScenario(this),
        "sign-in" => new SignInScenario(this, picks: !_options.OneDevice),
        _ => new SecondFactorScenario(this, Kind(name)),
    };

    public static async Task<Target> CreateAsync(string database, BenchOptions options, CancellationToken ct)
    {
        var cluster = database == "postgres" ? await PostgresCluster.StartAsync(durable: true) : null;
        var connection = cluster?.ConnectionString(await cluster.CreateDatabaseAsync("bench"));
        var target = new Target(database, options, cluster, connection);
        await target.Services.GetRequiredService<Database>().MigrateAsync(demo: true, ct);
        var watch = Stopwatch.StartNew();
        var kinds = options.OneDevice ? [target.Kind(TextMessageKind.KindId)] : target.Kinds;
        var population = ActivatorUtilities.CreateInstance<Population>(target.Services, kinds);
        target.Users = await population.FindAsync(options.Users, ct) is { Count: > 0 } there
            ? there
            : await population.AddAsync(options.Users, ct);
        await target.SettleAsync(ct);
        target.Filled = (watch.Elapsed, await target.DiskAsync(ct));
        return target;
    }

    /// <summary>Starts the program on this database. Only the limit by source is raised: all clients here are one source.</summary>
    public Task<PublishedServer> StartServerAsync()
    {
        string[] command =
        [
            "serve", "--demo", "--data", _folder, "--set", "Site:RequestsPerMinute=1000000",
            .. _options.LightHash ? LightHash.SelectMany(s => new[] { "--set", $"{s.Key}={s.Value}" }) : [],
        ];
        return PublishedServer.StartAsync(_connection is null ? command : [.. command, "--postgres", _connection]);
    }

    /// <summary>CPU time in seconds of the database's own processes; zero where it lives in the server's.</summary>
    public double DatabaseCpu() => _connection is null || Environment.GetEnvironmentVariable("COUNTERSIGN_TEST_POSTGRES") is { Length: > 0 }
        ? 0
        : ProcessUse.CpuOfFamily(int.Parse(
            File.ReadLines(Path.Combine(new NpgsqlConnectionStringBuilder(_connection).Host!, "data/postmaster.pid")).First(),
            System.Globalization.CultureInfo.InvariantCulture));

    /// <summary>What the database holds on disk, in bytes, without its log.</summary>
    public async Task<long> DiskAsync(CancellationToken ct)
    {
        await using var db = Services.GetRequiredService<Contexts>().Read();
        return _connection is null
            ? await db.Database.SqlQuery<long>($"SELECT page_count * page_size AS Value FROM pragma_page_count(), pragma_page_size()")
                .SingleAsync(ct)
            : await db.Database.SqlQuery<long>($"SELECT pg_database_size(current_database()) AS \"Value\"").SingleAsync(ct);
    }

    /// <summary>What PostgreSQL does by itself on a database that lives: statistics, and marks of what every transaction sees.</summary>
    private async Task SettleAsync(CancellationToken ct)
    {
        if (_connection is not null)
        {
            await using var db = Services.GetRequiredService<Contexts>().Write();
            db.Database.SetCommandTimeout(LongestWait * 12);
            await db.Database.ExecuteSqlRawAsync("VACUUM (ANALYZE)", ct);
            await db.Database.ExecuteSqlRawAsync("CHECKPOINT", ct);
        }
    }

    /// <summary>Forgets what was counted, so that the same users may be sent messages again.</summary>
    public async Task ForgetRationsAsync(CancellationToken ct)
    {
        await using var db = Services.GetRequiredService<Contexts>().Write();
        await db.Set<Ration>().ExecuteDeleteAsync(ct);
    }

    /// <summary>The same, and the devices of a kind are as if they had not been used.</summary>
    public async Task FreshenAsync(IBenchKind kind, IEnumerable<BenchUser> users, CancellationToken ct)
    {
        await ForgetRationsAsync(ct);
        foreach (var some in kind.Moves ? users.Chunk(RowsPerUnit) : [])
        {
            await Services.GetRequiredService<IWriter>().RunAsync(
                async (db, _) =>
                {
                    foreach (var (owner, id) in some.Select(u => Holding.KeyOf(u, kind.Id)))
                    {
                        await db.ChangeAsync(MoveBack, owner, id);
                    }
                },
                ct);
        }
    }

    /// <summary>Waits until the server has sent what was queued: it is not part of what comes next.</summary>
    public Task QuietAsync() => Waiting.UntilAsync(
        async () =>
        {
            await using var db = Services.GetRequiredService<Contexts>().Read();
            return !await db.Set<Message>().AnyAsync(m => m.State == MessageState.Queued || m.State == MessageState.Sending);
        },
        LongestWait);

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        foreach (var kind in Kinds.OfType<IDisposable>())
        {
            kind.Dispose();
        }

        SqliteConnection.ClearAllPools();
        if (_cluster is not null)
        {
            await _cluster.DisposeAsync();
        }

        _temporary?.Dispose();
    }
}
