using Countersign.Server.Tests.Telemetry;

namespace Countersign.Server.Tests.Hosting;

/// <summary>What one server on PostgreSQL does from now on: statements, units of work that were kept, secrets opened. Dispose it.</summary>
internal sealed class CountedWork(CountedStatements database, Measured measured) : IAsyncDisposable
{
    public static async Task<CountedWork> BeginAsync(CountersignServer server)
    {
        var database = await CountedStatements.BeginAsync(server);
        return new CountedWork(database, new Measured(server));
    }

    /// <param name="statements">At most.</param>
    /// <param name="commits">Units of work, each with a commit of its own on PostgreSQL: just so many.</param>
    /// <param name="opened">Just so many.</param>
    public async Task IsAsync(int statements, int commits, int opened)
    {
        var seen = await database.SeenAsync();
        var (asked, kept, secrets) = (
            seen.Sum(c => c.Calls), measured.Sum("countersign.writer.commit.units"), measured.Sum("countersign.secrets.opened"));
        var list = string.Join('\n', seen.Select(c => $"{c.Calls} x {c.Text}"));
        Assert.True(asked > 0 && asked <= statements, $"{asked} statements:\n{list}");
        Assert.True((commits, opened) == (kept, secrets), $"{kept} commits, {secrets} secrets opened:\n{list}");
    }

    public ValueTask DisposeAsync()
    {
        measured.Dispose();
        return database.DisposeAsync();
    }
}
