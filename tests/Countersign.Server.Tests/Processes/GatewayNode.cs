using Countersign.Server.Data;
using Countersign.Server.Features.Messaging.Messages;
using Countersign.Server.Http;
using Countersign.Server.Tests.Hosting;
using Countersign.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Countersign.Server.Tests.Processes;

/// <summary>The built program with gateways, and its database as seen from beside it while it is down.</summary>
internal sealed class GatewayNode(
    IReadOnlyDictionary<string, string?> database, IEnumerable<(string Key, string Value)> gateways) : IAsyncDisposable
{
    private const int RowsPerUnit = 500;
    private const string Mobile = "+85251234567";
    private readonly Lazy<WebApplication> _beside = new(() => Beside(database));
    private readonly List<string> _settings =
    [
        .. gateways.SelectMany(g => new[] { "--set", $"{g.Key}={g.Value}" }),
        .. database.SelectMany(d => new[] { "--set", $"{d.Key}={d.Value}" }),
    ];

    public static async Task<GatewayNode> OnSqliteAsync(TestFolder folder, IEnumerable<(string Key, string Value)> gateways)
    {
        var database = new Dictionary<string, string?> { ["Data:Directory"] = folder.Path };
        await CountersignServer.MigrateAsync(database);
        return new GatewayNode(database, gateways);
    }

    public static async Task<GatewayNode> OnPostgresAsync(TestFolder folder, IEnumerable<(string Key, string Value)> gateways) => new(
        new Dictionary<string, string?>
        {
            ["Data:Directory"] = folder.Path,
            ["Data:KeyFile"] = await OnPostgres.KeyFileAsync(),
            ["Data:Postgres"] = await OnPostgres.NewDatabaseAsync(),
        },
        gateways);

    public Task<PublishedServer> StartAsync() =>
        PublishedServer.StartAsync(["serve", "--set", "Site:PublicUrl=http://localhost", .. _settings]);

    public async Task QueueAsync(int count, MessageChannel channel)
    {
        var (outbox, now) = (Services.GetRequiredService<Outbox>(), TimeProvider.System.GetUtcNow());
        foreach (var some in Enumerable.Range(0, count).Chunk(RowsPerUnit))
        {
            await Writer.RunAsync(
                async (db, ct) =>
                {
                    foreach (var i in some)
                    {
                        await CountersignServer.QueueAsync(
                            db, outbox, Guid.CreateVersion7(now), channel == MessageChannel.Email ? $"user{i}@mail.example" : Mobile,
                            new Draft(
                                channel, "notice-password-changed", new MessageContent("en", ["user", "today"]),
                                now + TimeSpan.FromHours(1)),
                            ct);
                    }
                },
                CancellationToken.None);
        }
    }

    /// <summary>Claims of a node that is dead run out now instead of in a minute.</summary>
    public Task RunOutAsync() => Writer.RunAsync(
        (db, ct) => db.Set<Message>().Where(m => m.State == MessageState.Sending).ExecuteUpdateAsync(
            set => set.SetProperty(m => m.DueAt, m => m.CreatedAt), ct),
        CancellationToken.None);

    public async Task<IReadOnlyList<Message>> MessagesAsync()
    {
        await using var db = Services.GetRequiredService<Contexts>().Read();
        return await db.Set<Message>().ToListAsync();
    }

    public async Task<int> CountAsync(params IReadOnlyList<MessageState> states)
    {
        await using var db = Services.GetRequiredService<Contexts>().Read();
        return await db.Set<Message>().CountAsync(m => states.Contains(m.State));
    }

    public async ValueTask DisposeAsync()
    {
        if (_beside.IsValueCreated)
        {
            await _beside.Value.DisposeAsync();
        }

        SqliteConnection.ClearAllPools();
    }

    private IServiceProvider Services => _beside.Value.Services;

    private IWriter Writer => Services.GetRequiredService<IWriter>();

    /// <summary>The program's own services, without the program: nothing of it runs.</summary>
    private static WebApplication Beside(IReadOnlyDictionary<string, string?> database)
    {
        var mode = new ServeMode(Demo: false);
        var builder = CountersignHost.CreateBuilder(mode, c => c.AddInMemoryCollection(database));
        builder.Logging.ClearProviders();
        return CountersignHost.Build(builder, mode);
    }
}
