using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace Countersign.Server.Data;

/// <summary>The one model. Rows and their mappings live in the slices; this class only gathers them.</summary>
internal abstract class CountersignDbContext(DbContextOptions options) : DbContext(options)
{
    private readonly List<Action> _afterCommit = [];

    /// <summary>How statements of hot paths are run here.</summary>
    public Statements Statements { get; set; } = null!;

    /// <inheritdoc cref="Statements.ChangeOneAsync"/>
    public ValueTask<bool> ChangeOneAsync(SqlStatement statement, params ReadOnlySpan<object?> values) =>
        Statements.ChangeOneAsync(statement, values);

    /// <inheritdoc cref="Statements.TryChangeOneAsync"/>
    public ValueTask<bool> TryChangeOneAsync(SqlStatement statement, params ReadOnlySpan<object?> values) =>
        Statements.TryChangeOneAsync(statement, values);

    /// <inheritdoc cref="Statements.ChangeAsync"/>
    public ValueTask ChangeAsync(SqlStatement statement, params ReadOnlySpan<object?> values) => Statements.ChangeAsync(statement, values);

    /// <inheritdoc cref="Statements.ReadOneAsync"/>
    public ValueTask<T?> ReadOneAsync<T>(SqlQuery<T> query, object?[] values, CancellationToken ct)
        where T : class => Statements.ReadOneAsync(query.In(Model), values, ct);

    /// <summary>All rows.</summary>
    public ValueTask<IReadOnlyList<T>> ReadAsync<T>(SqlQuery<T> query, object?[] values, CancellationToken ct)
        where T : class => Statements.ReadAsync(query.In(Model), values, ct);

    /// <summary>Adds a row without tracking it: in this unit only statements see and change it.</summary>
    public void Append<T>(T row)
        where T : class
    {
        if (!Statements.Append(row, Model))
        {
            Add(row);
        }
    }

    /// <summary>Runs <paramref name="action"/> once the unit of work is durable; never if it is not.</summary>
    public void AfterCommit(Action action) => _afterCommit.Add(action);

    /// <summary>Hands over what must run after the commit and forgets it.</summary>
    public IReadOnlyList<Action> TakeAfterCommit()
    {
        if (_afterCommit.Count == 0)
        {
            return [];
        }

        Action[] actions = [.. _afterCommit];
        _afterCommit.Clear();
        return actions;
    }

    protected override void OnModelCreating(ModelBuilder modelBuilder) =>
        modelBuilder.ApplyConfigurationsFromAssembly(typeof(CountersignDbContext).Assembly);

    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder)
    {
        configurationBuilder.Properties<DateTimeOffset>().HaveConversion<UnixMicroseconds>();
        configurationBuilder.Properties<decimal>().HaveConversion<TenThousandths>();
        configurationBuilder.Properties<Enum>().HaveConversion<string>().HaveMaxLength(32);
    }

    /// <summary>Instants are whole microseconds since 1970, so that both databases order and compare them alike.</summary>
    internal sealed class UnixMicroseconds()
        : ValueConverter<DateTimeOffset, long>(at => at.ToUnixMicroseconds(), us => Instants.FromUnixMicroseconds(us));

    /// <summary>Amounts are whole ten-thousandths: SQLite has no exact decimal type to sum or compare.</summary>
    internal sealed class TenThousandths()
        : ValueConverter<decimal, long>(amount => decimal.ToInt64(amount * 10_000m), stored => stored / 10_000m);
}

/// <summary>The model on SQLite.</summary>
internal sealed class SqliteDbContext(DbContextOptions<SqliteDbContext> options) : CountersignDbContext(options);

/// <summary>The model on PostgreSQL.</summary>
internal sealed class PostgresDbContext(DbContextOptions<PostgresDbContext> options) : CountersignDbContext(options)
{
    /// <summary>A property of this name is the id of the transaction that added the row.</summary>
    private const string TransactionId = "TransactionId";

    /// <summary>
    /// What a unit saves belongs to its transaction, which has to be there before Entity Framework begins one of its own.
    /// </summary>
    public override async Task<int> SaveChangesAsync(bool acceptAllChangesOnSuccess, CancellationToken cancellationToken = default)
    {
        if (Statements is PostgresStatements unit && ChangeTracker.Entries().Any())
        {
            await unit.CatchUpAsync();
        }

        return await base.SaveChangesAsync(acceptAllChangesOnSuccess, cancellationToken);
    }

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        base.OnModelCreating(modelBuilder);
        foreach (var property in modelBuilder.Model.GetEntityTypes().Select(e => e.FindProperty(TransactionId)).OfType<IMutableProperty>())
        {
            property.SetDefaultValueSql("pg_current_xact_id()::text::bigint");
        }
    }
}

/// <summary>The stored form of an instant, for the few statements written in SQL.</summary>
internal static class Instants
{
    public static long ToUnixMicroseconds(this DateTimeOffset at) =>
        (at.UtcTicks - DateTimeOffset.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond;

    public static DateTimeOffset FromUnixMicroseconds(long us) =>
        new(DateTimeOffset.UnixEpoch.Ticks + (us * TimeSpan.TicksPerMicrosecond), TimeSpan.Zero);
}
