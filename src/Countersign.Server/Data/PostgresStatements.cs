using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.EntityFrameworkCore.Metadata;
using Npgsql;

namespace Countersign.Server.Data;

/// <summary>
/// The statements of one unit of work on PostgreSQL. What expects to change one row waits, and goes with all that waits in one round
/// trip: before anything that needs an answer, and at the end. Where nothing needed one, that round trip is the whole transaction,
/// commit included.
/// </summary>
/// <param name="stepByStep">Whether each statement is sent at once, because an expectation was wrong.</param>
internal sealed class PostgresStatements(PostgresDbContext db, bool stepByStep) : Statements, IAsyncDisposable
{
    private readonly List<NpgsqlBatchCommand> _waiting = [];
    private bool _begun;
    private bool _opened;

    /// <summary>Whether something was taken for granted that has not been asked yet.</summary>
    public bool Assumes { get; private set; }

    /// <summary>The server's process that does the work; null: nothing was sent to it.</summary>
    public int? ProcessId => _opened ? ((NpgsqlConnection)db.Database.GetDbConnection()).ProcessID : null;

    /// <summary>The key of a row that was added, by which a lost answer to the commit is found out; null: there was none.</summary>
    public (IEntityType Type, object?[] Key)? Added { get; private set; }

    public override ValueTask<bool> ChangeOneAsync(SqlStatement statement, ReadOnlySpan<object?> values)
    {
        if (stepByStep)
        {
            return TryChangeOneAsync(statement, values);
        }

        _waiting.Add(Command(statement.ExactlyOne, values));
        Assumes = true;
        return new(true);
    }

    public override ValueTask<bool> TryChangeOneAsync(SqlStatement statement, ReadOnlySpan<object?> values) =>
        OneAsync(Command(statement.Text, values));

    public override ValueTask ChangeAsync(SqlStatement statement, ReadOnlySpan<object?> values)
    {
        _waiting.Add(Command(statement.Text, values));
        return default;
    }

    public override bool Append<T>(T row, IModel model)
    {
        var rows = Rows<T>.Of(model);
        _waiting.Add(Command(rows.Insert.Text, rows.ValuesOf(row)));
        Added ??= (model.FindEntityType(typeof(T))!, rows.KeyOf(row));
        return true;
    }

    /// <summary>Begins the transaction, unless it has begun, and sends what waits: what Entity Framework does next sees it.</summary>
    /// <exception cref="UnmetException">A statement did not change the one row that it was meant for.</exception>
    public async ValueTask CatchUpAsync()
    {
        if (!_begun)
        {
            _begun = true;
            await OpenAsync();
            await db.Database.BeginTransactionAsync(CancellationToken.None);
        }

        if (_waiting.Count > 0)
        {
            await SendAsync();
        }
    }

    /// <summary>
    /// Sends what waits, unless that can be the whole transaction: then <see cref="CommitAsync"/> does. What fails here was not kept: no
    /// doubt is left.
    /// </summary>
    /// <exception cref="UnmetException">As for <see cref="CatchUpAsync"/>.</exception>
    public async ValueTask PrepareAsync()
    {
        if (db.ChangeTracker.Entries().Any())
        {
            await db.SaveChangesAsync(CancellationToken.None);
        }

        if (_begun)
        {
            await CatchUpAsync();
        }
        else if (_waiting.Count > 0)
        {
            await OpenAsync();
        }
    }

    /// <summary>Ends the unit: all of it is durable afterwards.</summary>
    /// <exception cref="UnmetException">As for <see cref="CatchUpAsync"/>; nothing is kept of the unit.</exception>
    public async ValueTask CommitAsync()
    {
        if (_begun)
        {
            await db.Database.CommitTransactionAsync(CancellationToken.None);
        }
        else if (_waiting.Count > 0)
        {
            // Statements that are sent together are one transaction by themselves.
            await SendAsync();
        }
    }

    /// <summary>Takes back what was not committed, and leaves the context as it was.</summary>
    public async ValueTask DisposeAsync()
    {
        if (db.Database.CurrentTransaction is { } open)
        {
            await open.DisposeAsync();
        }

        if (_opened)
        {
            await db.Database.CloseConnectionAsync();
        }
    }

    public static NpgsqlParameter[] Parameters(ReadOnlySpan<object?> values)
    {
        var parameters = new NpgsqlParameter[values.Length];
        for (var i = 0; i < values.Length; i++)
        {
            parameters[i] = new NpgsqlParameter { Value = values[i] ?? DBNull.Value };
        }

        return parameters;
    }

    private static NpgsqlBatchCommand Command(string text, ReadOnlySpan<object?> values)
    {
#pragma warning disable CA2100 // Constant text: see SqlStatement.
        var command = new NpgsqlBatchCommand(text);
#pragma warning restore CA2100
        command.Parameters.AddRange(Parameters(values));
        return command;
    }

    private async ValueTask<NpgsqlBatch> NewBatchAsync()
    {
        var batch = new NpgsqlBatch(await OpenAsync());
        batch.Timeout = Patience.Seconds ?? batch.Timeout;
        return batch;
    }

    private async ValueTask<bool> OneAsync(NpgsqlBatchCommand command)
    {
        await CatchUpAsync();
        _waiting.Add(command);
        return await SendAsync() == 1;
    }

    protected override async ValueTask<IReadOnlyList<T>> ReadAsync<T>(
        SqlRead<T> query, object?[] values, int most, CancellationToken ct)
    {
        await CatchUpAsync();
        await using var batch = await NewBatchAsync();
        batch.BatchCommands.Add(Command(query.Statement.Text, values));
        await using var rows = await batch.ExecuteReaderAsync(ct);
        return await query.ReadAsync(rows, most, ct);
    }

    /// <returns>How many rows were changed by what was sent.</returns>
    private async Task<int> SendAsync()
    {
        await using var batch = await NewBatchAsync();
        foreach (var command in _waiting)
        {
            batch.BatchCommands.Add(command);
        }

        _waiting.Clear();
        Assumes = false;
        try
        {
            return await batch.ExecuteNonQueryAsync(CancellationToken.None);
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.DivisionByZero)
        {
            throw new UnmetException(e);
        }
    }

    /// <summary>Open until the unit ends: Entity Framework by itself would close it after each command.</summary>
    private async ValueTask<NpgsqlConnection> OpenAsync()
    {
        if (!_opened)
        {
            await db.Database.OpenConnectionAsync(CancellationToken.None);
            _opened = true;
        }

        return (NpgsqlConnection)db.Database.GetDbConnection();
    }

    /// <summary>Whatever Entity Framework sends in a unit comes after what waits.</summary>
    internal sealed class InOrder : DbCommandInterceptor
    {
        public override async ValueTask<InterceptionResult<DbDataReader>> ReaderExecutingAsync(
            DbCommand command, CommandEventData eventData, InterceptionResult<DbDataReader> result, CancellationToken cancellationToken)
        {
            await CatchUpAsync(eventData);
            return result;
        }

        public override async ValueTask<InterceptionResult<int>> NonQueryExecutingAsync(
            DbCommand command, CommandEventData eventData, InterceptionResult<int> result, CancellationToken cancellationToken)
        {
            await CatchUpAsync(eventData);
            return result;
        }

        public override async ValueTask<InterceptionResult<object>> ScalarExecutingAsync(
            DbCommand command, CommandEventData eventData, InterceptionResult<object> result, CancellationToken cancellationToken)
        {
            await CatchUpAsync(eventData);
            return result;
        }

        public override InterceptionResult<DbDataReader> ReaderExecuting(
            DbCommand command, CommandEventData eventData, InterceptionResult<DbDataReader> result) => AtOnce(eventData, result);

        public override InterceptionResult<int> NonQueryExecuting(
            DbCommand command, CommandEventData eventData, InterceptionResult<int> result) => AtOnce(eventData, result);

        public override InterceptionResult<object> ScalarExecuting(
            DbCommand command, CommandEventData eventData, InterceptionResult<object> result) => AtOnce(eventData, result);

        private static T AtOnce<T>(CommandEventData eventData, T result) =>
            (eventData.Context as CountersignDbContext)?.Statements is PostgresStatements
                ? throw new InvalidOperationException("A unit of work asks the database only by calls that can be awaited.")
                : result;

        private static ValueTask CatchUpAsync(CommandEventData eventData) =>
            (eventData.Context as CountersignDbContext)?.Statements is PostgresStatements unit ? unit.CatchUpAsync() : default;
    }
}

/// <summary>A statement that was taken to change one row did not: the unit runs again, with each one answered at once.</summary>
internal sealed class UnmetException(Exception inner) : Exception("A statement did not change the one row that it was meant for.", inner);
