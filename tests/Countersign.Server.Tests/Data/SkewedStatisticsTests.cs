using Countersign.Server.Tests.Hosting;
using Npgsql;

namespace Countersign.Server.Tests.Data;

/// <summary>
/// PostgreSQL plans by statistics of an hour ago: what has come since is not there for it, and a condition on time, or on a state that
/// nothing was in, looks as if it found nothing. A look-up by key must find its row by the key all the same. Each case shows by what the
/// statement was before that the trap is set.
/// </summary>
public sealed class SkewedStatisticsTests(OnPostgres server)
{
    private const int RowsBefore = 8_000;
    private const int RowsSince = 2_000;

    [Fact]
    public async Task A_look_up_by_key_finds_its_row_by_the_key()
    {
        await using var own = await server.FreshAsync();
        var user = await own.UserAsync();
        using var browser = own.Browser();
        await own.SignInAsync(browser, user);
        await own.SettledAsync();
        await using var connection = new NpgsqlConnection(own.Settings["Data:Postgres"]);
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        var session = await SkewAsync(connection, "sessions", "'expires_at', g % 2000", "'expires_at', 3001");
        var challenge = await SkewAsync(connection, "challenges", "'expires_at', g % 2000", "'expires_at', 3001");
        var message = await SkewAsync(
            connection, "messages", "'state', 'Delivered', 'due_at', 9000", "'state', 'Queued', 'due_at', 4000, 'attempts', 0");
        var texts = SqlTexts.Of(own);
        string Text(string name) => texts.First(t => t.Name == name).Text;
        string Forget(string table) => texts.Single(t => t.Text.StartsWith($"DELETE FROM {table} ", StringComparison.Ordinal)
            && t.Text.Contains("expires_at", StringComparison.Ordinal)).Text;

        await AssertAsync(connection, Text("SessionLookup.Find"), t => t + " AND s.expires_at > 3000", session);
        await AssertAsync(connection, Forget("sessions"), Before, ["0", .. session]);
        await AssertAsync(connection, Forget("challenges"), Before, ["0", .. challenge]);
        await AssertAsync(connection, Text("OutboxClaims.Begin"), Before, [.. message, "4000", "0", "1", "test", "5000"]);
        await AssertAsync(
            connection, Text("OutboxSweep.Move"), Before, [.. message, "Queued", "4000", "0", "Expired", "0", "9000", "late", "false"]);
    }

    private static string Before(string text) =>
        text.Replace(" + 0", string.Empty, StringComparison.Ordinal).Replace(" || ''", string.Empty, StringComparison.Ordinal);

    private static async Task AssertAsync(
        NpgsqlConnection connection, string text, Func<string, string> before, IReadOnlyList<string> values)
    {
        var (now, then) = (await PlanAsync(connection, text, values), await PlanAsync(connection, before(text), values));

        // By the key, or by its first half: what one user has is few.
        const string ByUser = "Index Cond: \\(+user_id = ";
        Assert.DoesNotMatch(ByUser, then);
        Assert.Matches(ByUser, now);
    }

    /// <summary>Many rows that the statistics know, and then some that they do not know; yields the key of one of these.</summary>
    private static async Task<IReadOnlyList<string>> SkewAsync(NpgsqlConnection connection, string table, string before, string since)
    {
        await RunAsync(connection, $"ALTER TABLE {table} SET (autovacuum_enabled = false)");
        await RunAsync(connection, $"CREATE TEMP TABLE like_{table} AS SELECT * FROM {table} LIMIT 1; DELETE FROM {table}");
        await AddAsync(before, RowsBefore);
        await RunAsync(connection, $"ANALYZE {table}");
        await AddAsync(since, RowsSince);
#pragma warning disable CA2100 // Names of tables.
        await using var newest = new NpgsqlCommand($"SELECT user_id::text, id::text FROM {table} ORDER BY ctid DESC LIMIT 1", connection);
#pragma warning restore CA2100
        await using var rows = await newest.ExecuteReaderAsync(TestContext.Current.CancellationToken);
        Assert.True(await rows.ReadAsync(TestContext.Current.CancellationToken));
        return [rows.GetString(0), rows.GetString(1)];

        Task AddAsync(string values, int count) => RunAsync(
            connection,
            $"""
            INSERT INTO {table} SELECT (jsonb_populate_record(
                (SELECT ROW(l.*)::{table} FROM like_{table} l),
                jsonb_build_object('user_id', gen_random_uuid(), 'id', gen_random_uuid(), {values}))).*
            FROM generate_series(1, {count}) g
            """);
    }

    private static async Task<string> PlanAsync(NpgsqlConnection connection, string text, IReadOnlyList<string> values)
    {
        await RunAsync(connection, $"SET plan_cache_mode = force_custom_plan; PREPARE looked AS {text}");
        try
        {
#pragma warning disable CA2100 // What the program asks for.
            await using var explain = new NpgsqlCommand(
                $"EXPLAIN EXECUTE looked({string.Join(", ", values.Select(v => $"'{v}'"))})", connection);
#pragma warning restore CA2100
            await using var rows = await explain.ExecuteReaderAsync(TestContext.Current.CancellationToken);
            var plan = new List<string>();
            while (await rows.ReadAsync(TestContext.Current.CancellationToken))
            {
                plan.Add(rows.GetString(0));
            }

            return string.Join('\n', plan);
        }
        finally
        {
            await RunAsync(connection, "DEALLOCATE looked");
        }
    }

    private static async Task RunAsync(NpgsqlConnection connection, string text)
    {
#pragma warning disable CA2100 // Statements of this test and of the program.
        await using var command = new NpgsqlCommand(text, connection);
#pragma warning restore CA2100
        await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
    }
}
