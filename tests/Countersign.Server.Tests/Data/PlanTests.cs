using System.Collections.Concurrent;
using System.Data.Common;
using System.Diagnostics;
using System.Text.RegularExpressions;
using Countersign.Server.Features.Ground.Jobs;
using Countersign.Server.Tests.Guards;
using Countersign.Server.Tests.Hosting;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;

namespace Countersign.Server.Tests.Data;

/// <summary>
/// What the server asks for by itself, again and again, is found by an index: no job takes longer because there are more users. Who waits
/// in a queue is few, whatever number there is of users, and is not asked about here.
/// </summary>
public abstract partial class PlanTests(CountersignServer server)
{
    private static readonly string[] Growing =
    [
        "users", "people", "accounts", "account_users", "account_holders", "phone_numbers", "devices", "credentials", "device_events",
        "challenges", "messages", "sessions", "rations", "audit_events", "admitted_codes", "repudiations", "passkey_ceremonies",
        "spent_proofs", "idempotency_keys", "account_applications", "topic_choices", "do_not_call_numbers",
    ];

    [Fact]
    public async Task No_job_reads_a_table_that_grows_from_end_to_end()
    {
        // Before the host: Entity Framework remembers for a second that nobody listens.
        using var asked = new Asked();
        await using var own = await server.FreshAsync();
        await own.UserAsync();
        await own.SettledAsync();
        asked.Of(own);

        foreach (var job in own.App.Services.GetServices<IJob>())
        {
            await job.RunOnceAsync(TestContext.Current.CancellationToken);
        }

        Assert.True(asked.Plans.Count > 10, $"{asked.Plans.Count} statements");
        Faults.None(asked.Plans.SelectMany(p => Scans(p.Key, p.Value)));
    }

    private static IEnumerable<string> Scans(string statement, string plan)
    {
        var aliases = Alias().Matches(statement).ToLookup(m => m.Groups["alias"].Value, m => m.Groups["table"].Value);
        return from scan in Scan().Matches(plan)
               let name = scan.Groups["table"].Value
               let table = aliases[name].FirstOrDefault() ?? name
               where Growing.Contains(table)
               select $"{table} is read from end to end: {statement}\n{plan}";
    }

    [GeneratedRegex("\"?(?<table>[a-z_]+)\"? AS \"?(?<alias>[a-z][a-z0-9]*)\"?")]
    private static partial Regex Alias();

    /// <summary>As SQLite and PostgreSQL write it.</summary>
    [GeneratedRegex(@"\bSCAN (?<table>\w+)|Seq Scan on (?<table>\w+)")]
    private static partial Regex Scan();

    /// <summary>Has the database explain what Entity Framework asks one host's database for.</summary>
    private sealed class Asked : IObserver<DiagnosticListener>, IObserver<KeyValuePair<string, object?>>, IDisposable
    {
        private readonly ConcurrentBag<IDisposable> _subscriptions = [];
        private volatile string? _database;

        public Asked() => _subscriptions.Add(DiagnosticListener.AllListeners.Subscribe(this));

        /// <summary>Each statement and its plan.</summary>
        public ConcurrentDictionary<string, string> Plans { get; } = new();

        public void Of(CountersignServer own)
        {
            using var reader = own.Reader();
            _database = Name(reader);
        }

        public void OnNext(DiagnosticListener value)
        {
            if (value.Name == DbLoggerCategory.Name)
            {
                _subscriptions.Add(value.Subscribe(this));
            }
        }

        public void OnNext(KeyValuePair<string, object?> value)
        {
            if (value is { Key: var key, Value: CommandEventData { Context: { } context } command }
                && key == RelationalEventId.CommandExecuting.Name && Name(context) == _database)
            {
                Plans.TryAdd(command.Command.CommandText, Explain(command.Command));
            }
        }

        public void OnCompleted()
        {
        }

        public void OnError(Exception error)
        {
        }

        public void Dispose()
        {
            foreach (var subscription in _subscriptions)
            {
                subscription.Dispose();
            }
        }

#pragma warning disable CA2100 // What Entity Framework made.
        /// <summary>On the same connection: SQLite explains nothing through another one while that one writes.</summary>
        private static string Explain(DbCommand command)
        {
            using var explain = command.Connection!.CreateCommand();
            explain.Transaction = command.Transaction;
            foreach (DbParameter parameter in command.Parameters)
            {
                var same = explain.CreateParameter();
                (same.ParameterName, same.Value) = (parameter.ParameterName, parameter.Value);
                explain.Parameters.Add(same);
            }

            var onSqlite = command is Microsoft.Data.Sqlite.SqliteCommand;
            if (!onSqlite)
            {
                // A table of a few rows is read from end to end unless that is forbidden; where no index fits, it still is.
                using var forbid = command.Connection.CreateCommand();
                forbid.Transaction = command.Transaction;
                forbid.CommandText = "SET enable_seqscan = off";
                forbid.ExecuteNonQuery();
            }

            explain.CommandText = (onSqlite ? "EXPLAIN QUERY PLAN " : "EXPLAIN ") + command.CommandText;
            using var rows = explain.ExecuteReader();
            var plan = new List<string>();
            while (rows.Read())
            {
                plan.Add(rows.GetString(onSqlite ? 3 : 0));
            }

            return string.Join('\n', plan);
        }
#pragma warning restore CA2100

        private static string Name(DbContext context) =>
            context.Database.GetDbConnection() is var connection ? connection.DataSource + "/" + connection.Database : string.Empty;
    }
}

public sealed class PlansOnSqlite(OnSqlite server) : PlanTests(server);

public sealed class PlansOnPostgres(OnPostgres server) : PlanTests(server);
