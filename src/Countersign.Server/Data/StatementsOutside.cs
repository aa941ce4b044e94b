using Microsoft.EntityFrameworkCore.Metadata;

namespace Countersign.Server.Data;

/// <summary>What a context outside a unit of work has of statements: nothing is changed by them there.</summary>
internal abstract class StatementsOutside : Statements
{
    public override ValueTask<bool> ChangeOneAsync(SqlStatement statement, ReadOnlySpan<object?> values) => throw OnlyInUnit();

    public override ValueTask<bool> TryChangeOneAsync(SqlStatement statement, ReadOnlySpan<object?> values) => throw OnlyInUnit();

    public override ValueTask ChangeAsync(SqlStatement statement, ReadOnlySpan<object?> values) => throw OnlyInUnit();

    protected static InvalidOperationException OnlyInUnit() =>
        new("A statement changes rows in a unit of work only, which the writer runs.");
}

/// <summary>
/// Of a context that writes by itself, such as an import's: Entity Framework adds what is appended, with what else it saves.
/// </summary>
internal sealed class StatementsOfImport : StatementsOutside
{
    public override bool Append<T>(T row, IModel model) => false;

    protected override ValueTask<IReadOnlyList<T>> ReadAsync<T>(
        SqlRead<T> query, object?[] values, int most, CancellationToken ct) => throw OnlyInUnit();
}
