using System.Collections.Concurrent;
using System.Data.Common;
using System.Diagnostics;
using Countersign.Server.Features.Ground.Jobs;
using Countersign.Server.Tests.Guards;
using Countersign.Server.Tests.Hosting;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;

namespace Countersign.Server.Tests.Data;

/// <summary>
/// What the server asks for by itself, again and again, is found by an index: no job takes longer because there are more users. Who waits
/// in a queue is few, whatever number there is of users, and is not asked about here. Constant SQL is looked at by
/// <see cref="SqlStatementTests"/>.
/// </summary>
public abstract class PlanTests(CountersignServer server)
{
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

        Assert.NotEmpty(asked.Found);
        Faults.None(asked.Found.SelectMany(p => Plans.Scans(p.Key, p.Value)));
    }

    /// <summary>Has the database explain what Entity Framework asks one host's database for.</summary>
    private sealed class Asked : IObserver<DiagnosticListener>, IObserver<KeyValuePair<string, object?>>, IDisposable
    {
        private readonly ConcurrentBag<IDisposable> _subscriptions = [];
        private volatile string? _database;

        public Asked() => _subscriptions.Add(DiagnosticListener.AllListeners.Subscribe(this));

        /// <summary>Each statement and its plan.</summary>
        public ConcurrentDictionary<string, string> Found { get; } = new();

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
                Found.TryAdd(command.Command.CommandText, Explain(command.Command));
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

            if (command is not Microsoft.Data.Sqlite.SqliteCommand)
            {
                // A table of a few rows is read from end to end unless that is forbidden; where no index fits, it still is.
                using var forbid = command.Connection.CreateCommand();
                forbid.Transaction = command.Transaction;
                forbid.CommandText = "SET enable_seqscan = off";
                forbid.ExecuteNonQuery();
            }

            return Plans.Of(explain, command.CommandText);
        }

        private static string Name(DbContext context) =>
            context.Database.GetDbConnection() is var connection ? connection.DataSource + "/" + connection.Database : string.Empty;
    }
}

public sealed class PlansOnSqlite(OnSqlite server) : PlanTests(server);

public sealed class PlansOnPostgres(OnPostgres server) : PlanTests(server);
