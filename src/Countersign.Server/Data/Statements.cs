using Microsoft.EntityFrameworkCore.Metadata;

namespace Countersign.Server.Data;

/// <summary>Runs the statements of hot paths beside Entity Framework, on the same connection and in the same transaction.</summary>
internal abstract class Statements
{
    /// <summary>Whether it changed one row.</summary>
    /// <remarks>
    /// On PostgreSQL it may be sent only with what comes after it. Then true is assumed; where that was wrong nothing is kept of the unit,
    /// and the unit runs again with each statement answered at once.
    /// </remarks>
    public abstract ValueTask<bool> ChangeOneAsync(SqlStatement statement, ReadOnlySpan<object?> values);

    /// <summary>The same, asked at once: for what often finds no row, and for what a stranger can make find none.</summary>
    public abstract ValueTask<bool> TryChangeOneAsync(SqlStatement statement, ReadOnlySpan<object?> values);

    /// <summary>Changes as many rows as it finds. On PostgreSQL it may be sent only with what comes after it.</summary>
    public abstract ValueTask ChangeAsync(SqlStatement statement, ReadOnlySpan<object?> values);

    /// <summary>The first row; null where there is none.</summary>
    public async ValueTask<T?> ReadOneAsync<T>(SqlRead<T> query, object?[] values, CancellationToken ct)
        where T : class => await ReadAsync(query, values, most: 1, ct) is [var only, ..] ? only : null;

    /// <summary>All rows.</summary>
    public ValueTask<IReadOnlyList<T>> ReadAsync<T>(SqlRead<T> query, object?[] values, CancellationToken ct)
        where T : class => ReadAsync(query, values, most: int.MaxValue, ct);

    protected abstract ValueTask<IReadOnlyList<T>> ReadAsync<T>(SqlRead<T> query, object?[] values, int most, CancellationToken ct)
        where T : class;

    /// <summary>Adds a row without Entity Framework's tracking: only statements change it in this unit.</summary>
    /// <returns>False where only Entity Framework can add it, together with what it saves.</returns>
    public abstract bool Append<T>(T row, IModel model)
        where T : class;
}
