using System.Text.RegularExpressions;
using Countersign.Server.Data;
using Countersign.Server.Tests.Guards;
using Countersign.Server.Tests.Hosting;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Countersign.Server.Tests.Data;

/// <summary>
/// Each statement that is written as SQL is one that both databases take, whatever values come, and finds its rows by an index.
/// </summary>
public abstract class SqlStatementTests(CountersignServer server)
{
    protected CountersignServer Server => server;

    [Fact]
    public async Task Every_one_can_be_prepared_and_none_reads_a_table_that_grows_from_end_to_end()
    {
        await using var db = server.Reader();
        await db.Database.OpenConnectionAsync(TestContext.Current.CancellationToken);
        var faults = new List<string>();
        foreach (var (name, text) in SqlTexts.Of(server))
        {
            try
            {
                faults.AddRange(Plans.Scans(text, Plan(db, text)).Select(scan => $"{name}: {scan}"));
            }
            catch (Exception e) when (e is PostgresException or SqliteException)
            {
                faults.Add($"{name}: {e.Message}");
            }
        }

        await db.Database.CloseConnectionAsync();
        Faults.None(faults);
    }

    /// <summary>
    /// By statistics of an hour ago an index on time looks narrower than the key; see <see cref="SkewedStatisticsTests"/>.
    /// </summary>
    [Fact]
    public void No_look_up_by_a_key_offers_the_planner_an_index_on_time()
    {
        using var db = server.Reader();
        var texts = SqlTexts.Of(server);
        var looked = 0;
        var faults = new List<string>();
        foreach (var type in db.Model.GetEntityTypes().Where(t => t.FindPrimaryKey() is not null))
        {
            var key = type.FindPrimaryKey()!.Properties.Select(p => p.GetColumnName()).ToList();
            var times = type.GetIndexes().SelectMany(i => i.Properties).Where(p => p.ClrType == typeof(DateTimeOffset)
                || p.ClrType == typeof(DateTimeOffset?)).Select(p => p.GetColumnName()).Distinct().ToList();
            foreach (var (name, text) in texts.Where(t => Regex.IsMatch(t.Text, $@"(FROM|UPDATE) {type.GetTableName()}\b")))
            {
                var where = text[(text.IndexOf("WHERE", StringComparison.Ordinal) is >= 0 and var at ? at : text.Length)..];
                if (key.TrueForAll(column => Regex.IsMatch(where, $@"\b{column} = \$")))
                {
                    looked++;
                    faults.AddRange(times.Where(time => Regex.IsMatch(where, $@"\b{time} (<|>|<=|>=|=) \$")).Select(
                        time => $"{name} looks for {time} beside the key: {text}"));
                }
            }
        }

        Assert.True(looked > 20, $"{looked} look-ups by key");
        Faults.None(faults);
    }

    [Fact]
    public void They_are_found() => Assert.True(SqlTexts.Of(server).Count > 100, $"{SqlTexts.Of(server).Count} statements");

    /// <summary>What the database would do, with values that it is told nothing of, as for those that are null.</summary>
    private protected abstract string Plan(CountersignDbContext db, string text);
}

public sealed class SqlStatementsOnSqlite(OnSqlite server) : SqlStatementTests(server)
{
    private const int MostValues = 60;

    /// <summary>The other form is for PostgreSQL alone.</summary>
    private protected override string Plan(CountersignDbContext db, string text)
    {
        if (text.StartsWith("WITH changed AS", StringComparison.Ordinal))
        {
            return string.Empty;
        }

        // Preparing alone compiles nothing here: EXPLAIN does, and runs nothing.
        using var explain = db.Database.GetDbConnection().CreateCommand();
        for (var i = 1; i <= MostValues; i++)
        {
            explain.Parameters.Add(new SqliteParameter($"${i}", DBNull.Value));
        }

        return Plans.Of(explain, text);
    }
}

public sealed class SqlStatementsOnPostgres(OnPostgres server) : SqlStatementTests(server)
{
#pragma warning disable CA2100 // Constant text of the program.
    private protected override string Plan(CountersignDbContext db, string text)
    {
        // PREPARE asks for the type of each value, and none is told.
        using var command = db.Database.GetDbConnection().CreateCommand();
        command.CommandText = $"PREPARE looked AS {text}";
        command.ExecuteNonQuery();
        try
        {
            // A table of a few rows is read from end to end unless that is forbidden; where no index fits, it still is.
            command.CommandText = "SET enable_seqscan = off; SET plan_cache_mode = force_generic_plan";
            command.ExecuteNonQuery();
            command.CommandText = "SELECT cardinality(parameter_types) FROM pg_prepared_statements WHERE name = 'looked'";
            var values = string.Join(", ", Enumerable.Repeat("NULL", (int)command.ExecuteScalar()!));
            return Plans.Of(command, values.Length == 0 ? "EXECUTE looked" : $"EXECUTE looked({values})");
        }
        finally
        {
            command.CommandText = "RESET ALL; DEALLOCATE looked";
            command.ExecuteNonQuery();
        }
    }
#pragma warning restore CA2100
}
