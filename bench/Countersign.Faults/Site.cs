using Countersign.Bench;
using Countersign.Bench.Kinds;
using Countersign.Bench.Scenarios;
using Countersign.Server;
using Countersign.Server.Data;
using Countersign.Server.Features.Confirming.Challenges;
using Countersign.Server.Http;
using Countersign.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Countersign.Faults;

/// <summary>
/// An installation as a broker has it, not a demo: database, users, nodes, and what stands around them. This program opens the database by
/// the server's own code, to fill it and to look at what is there in the end; the nodes are processes of their own.
/// </summary>
internal sealed class Site : IAsyncDisposable
{
    private readonly SitePlan _plan;
    private readonly TestFolder _folder = new();
    private readonly string _data;
    private readonly Dictionary<string, string?> _settings;
    private readonly WebApplication _beside;
    private readonly IBenchKind _kind;
    private readonly Browsers _browsers;
    private readonly int[] _ports;
    private readonly PublishedServer?[] _nodes;
    private TestProxy? _proxy;

    private Site(SitePlan plan, SmallDisk? disk, PostgresCluster? cluster, PostgresCluster? replica, string? connection, Gateway? gateway)
    {
        (_plan, Disk, Cluster, Replica, Connection, Gateway) = (plan, disk, cluster, replica, connection, gateway);
        _data = disk is not null && cluster is null ? disk.Path : _folder.Path;
        _settings = new Dictionary<string, string?>(gateway?.Settings ?? new Dictionary<string, string?>())
        {
            ["Data:Directory"] = _data,
            ["Data:Postgres"] = connection,
            ["Site:PublicUrl"] = "https://localhost",
            ["Site:TrustedProxies:0"] = "127.0.0.1",
            ["Site:RequestsPerMinute"] = "1000000",
        };
        if (plan.LightHash)
        {
            (_settings["Passwords:MemoryKiB"], _settings["Passwords:Passes"]) = ("8", "1");
        }

        var mode = new ServeMode(Demo: false);
        var builder = CountersignHost.CreateBuilder(mode, c => c.AddInMemoryCollection(_settings));
        builder.Logging.ClearProviders();
        _beside = CountersignHost.Build(builder, mode);
        _kind = plan.BySms
            ? ActivatorUtilities.CreateInstance<TextMessages>(Services, ActivatorUtilities.CreateInstance<Prompts>(Services))
            : ActivatorUtilities.CreateInstance<AuthenticatorApps>(Services);
        _browsers = new Browsers(Services);
        _ports = [.. Enumerable.Range(0, plan.TwoNodes ? 2 : 1).Select(_ => TestDaemon.FreePort())];
        _nodes = new PublishedServer?[_ports.Length];
    }

    public SmallDisk? Disk { get; }

    public PostgresCluster? Cluster { get; }

    /// <summary>Follows the cluster, and can take its place.</summary>
    public PostgresCluster? Replica { get; }

    /// <summary>The connection string; null for the embedded database.</summary>
    public string? Connection { get; }

    public Gateway? Gateway { get; }

    public IServiceProvider Services => _beside.Services;

    public IReadOnlyList<BenchUser> Users { get; private set; } = [];

    public string KeyFile => Path.Combine(_data, "master.keys");

    public string SqliteFile => Path.Combine(_data, "countersign.db");

    /// <summary>How soon a device of its kind can be used again: after two time steps, or the gap between two messages.</summary>
    public TimeSpan Rest => _plan.BySms ? TimeSpan.FromSeconds(125) : TimeSpan.FromSeconds(65);

    private Uri Address => _proxy?.Address ?? new Uri($"http://127.0.0.1:{_ports[0]}/");

    public static async Task<Site> CreateAsync(SitePlan plan, CancellationToken ct)
    {
        var disk = plan.SmallDisk ? new SmallDisk() : null;
        PostgresCluster? cluster = null;
        if (plan.Database == SitePlan.Postgres)
        {
            // The cluster makes its folder where this says.
            var before = Environment.GetEnvironmentVariable("TMPDIR");
            Environment.SetEnvironmentVariable("TMPDIR", disk?.Path ?? before);
            cluster = await PostgresCluster.StartOwnAsync(durable: true);
            Environment.SetEnvironmentVariable("TMPDIR", before);
        }

        var connection = cluster is null
            ? null
            : PostgresCluster.Hurried(cluster.ConnectionString(await cluster.CreateDatabaseAsync("countersign")));
        PostgresCluster? replica = null;
        if (plan.TwoHosts)
        {
            replica = await cluster!.StartReplicaAsync();
            connection = new NpgsqlConnectionStringBuilder(connection) { Host = $"{cluster.Access.Socket},{replica.Access.Socket}" }
                .ConnectionString;
        }

        var gateway = plan.BySms ? new Gateway() : null;
        var site = new Site(plan, disk, cluster, replica, connection, gateway);
        await site.Services.GetRequiredService<Database>().MigrateAsync(demo: false, ct);
        IReadOnlyList<IBenchKind> kinds = [site._kind];
        site.Users = await ActivatorUtilities.CreateInstance<Population>(site.Services, kinds).AddAsync(plan.Users, ct);
        return site;
    }

    public async Task StartAsync()
    {
        await (Gateway?.StartAsync() ?? Task.CompletedTask);
        for (var i = 0; i < _nodes.Length; i++)
        {
            await StartNodeAsync(i);
        }

        if (_plan.TwoNodes)
        {
            _proxy = await TestProxy.StartAsync(new Uri($"http://127.0.0.1:{_ports[0]}"), new Uri($"http://127.0.0.1:{_ports[1]}"));
        }
    }

    /// <summary>Each time where it was before.</summary>
    public async Task StartNodeAsync(int node) => _nodes[node] = await PublishedServer.StartAsync(
        ["serve", .. _settings.Where(s => s.Value is not null).SelectMany(s => new[] { "--set", $"{s.Key}={s.Value}" })],
        environment: null, _ports[node]);

    /// <summary>Ends a node as a power cut would.</summary>
    public async Task KillNodeAsync(int node)
    {
        if (_nodes[node] is { } server)
        {
            await server.KillAsync();
            await server.DisposeAsync();
            _nodes[node] = null;
        }
    }

    /// <summary>For the browsers of people: of the proxy, where there is one.</summary>
    public HttpMessageInvoker Connect() => _proxy is null ? BenchClient.Connect() : new HttpMessageInvoker(_proxy.Handler());

    /// <summary>The browser of a person at an address of its own.</summary>
    public BenchClient Browser(HttpMessageInvoker http, int person) => new(http, Address, $"198.18.{person / 250}.{(person % 250) + 1}")
    {
        Patience = TimeSpan.FromSeconds(30),
    };

    /// <summary>One that the user has signed in with before.</summary>
    public BenchClient KnownBrowser(HttpMessageInvoker http, int person, BenchUser user)
    {
        var browser = Browser(http, person);
        browser.Set(Browsers.Cookie, _browsers.Of(user));
        return browser;
    }

    /// <summary>What the person reads off the device; null while no message has come.</summary>
    public async Task<string?> ReadDeviceAsync(BenchUser user, ChallengeHandle handle) =>
        Gateway is { } gateway ? gateway.Take(user.Mobile) : await _kind.AnswerAsync(user, handle);

    /// <summary>Lets go of the database, which is about to be taken away.</summary>
    public void Forget()
    {
        Services.GetRequiredService<Contexts>().ForgetIdle();
        SqliteConnection.ClearAllPools();
    }

    public async ValueTask DisposeAsync()
    {
        for (var i = 0; i < _nodes.Length; i++)
        {
            await KillNodeAsync(i);
        }

        await (_proxy?.DisposeAsync() ?? ValueTask.CompletedTask);
        await (Gateway?.DisposeAsync() ?? ValueTask.CompletedTask);
        await _beside.DisposeAsync();
        SqliteConnection.ClearAllPools();
        await (Replica?.DisposeAsync() ?? ValueTask.CompletedTask);
        await (Cluster?.DisposeAsync() ?? ValueTask.CompletedTask);
        Disk?.Dispose();
        _folder.Dispose();
    }
}
