using System.Data.Common;
using System.Runtime.CompilerServices;
using Microsoft.EntityFrameworkCore.Metadata;

namespace Countersign.Server.Data;

/// <summary>
/// A statement of a hot path, in the SQL that both databases have in common. It stands as constant text at the top of the class that
/// owns the rule, and is prepared once for each connection.
/// </summary>
/// <param name="text">
/// <c>$1</c>, <c>$2</c> and so on are its values in order, in their stored form: instants are <see cref="Instants">microseconds</see>,
/// enums their names. What finds a row by its key offers the planner no index on anything else: a column of one stands in a sum,
/// <c>expires_at + 0</c>, or is looked at once the row is there. A database whose statistics are of an hour ago takes a condition on
/// time for the narrower one, and reads thousands of rows for one.
/// </param>
internal sealed class SqlStatement(string text)
{
    public string Text => text;

    /// <summary>
    /// The same for PostgreSQL, as an error where it changes anything but one row: so a row of statements sent together ends with the
    /// first one that does not find what it was meant for.
    /// </summary>
    public string ExactlyOne { get; } = $"WITH changed AS ({text} RETURNING 1) SELECT 1 / (count(*) = 1)::int FROM changed";
}

/// <summary>
/// A read of a hot path, as <see cref="SqlStatement"/>; its columns, and what makes a result of them, come from the model.
/// </summary>
/// <param name="make">The text, and what makes a result of a row.</param>
internal sealed class SqlQuery<T>(Func<IModel, (string Text, Func<DbDataReader, T> Read)> make)
    where T : class
{
    private readonly ConditionalWeakTable<IModel, SqlRead<T>> _made = [];

    /// <summary>Made once for each model: there is one for each database.</summary>
    public SqlRead<T> In(IModel model) => _made.GetValue(model, Make);

    private SqlRead<T> Make(IModel model)
    {
        var (text, read) = make(model);
        return new SqlRead<T>(new SqlStatement(text), read);
    }
}

/// <summary>Queries that are made in the same way.</summary>
internal static class SqlQuery
{
    /// <summary>Whole rows of one table, which is called <c>r</c>.</summary>
    /// <param name="rest">What comes after <c>FROM table r</c>.</param>
    public static SqlQuery<T> Of<T>(string rest)
        where T : class => new(model =>
        {
            var rows = Rows<T>.Of(model);
            return ($"SELECT {rows.Columns("r")} FROM {rows.Table} r {rest}", row => rows.Read(row, 0));
        });
}

/// <summary>A query for one database.</summary>
internal sealed record SqlRead<T>(SqlStatement Statement, Func<DbDataReader, T> Row)
    where T : class
{
    /// <summary>What the rows of its answer hold. Those of the embedded database are there at once.</summary>
    /// <param name="most">How many rows are read at most.</param>
    public async ValueTask<IReadOnlyList<T>> ReadAsync(DbDataReader rows, int most, CancellationToken ct)
    {
        var found = new List<T>();
        while (found.Count < most && await rows.ReadAsync(ct))
        {
            found.Add(Row(rows));
        }

        return found;
    }
}
