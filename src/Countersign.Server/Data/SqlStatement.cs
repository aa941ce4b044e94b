using System.Data.Common;

namespace Countersign.Server.Data;

/// <summary>
/// A statement of a hot path, in the SQL that both databases have in common. It stands as constant text at the top of the class that
/// owns the rule, and is prepared once for each connection.
/// </summary>
/// <param name="text">
/// <c>$1</c>, <c>$2</c> and so on are its values in order, in their stored form: instants are <see cref="Instants">microseconds</see>,
/// enums their names.
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

/// <summary>A read of a hot path, as <see cref="SqlStatement"/>, with what makes a result of its row.</summary>
internal sealed class SqlQuery<T>(string text, Func<DbDataReader, T> read)
    where T : class
{
    public SqlStatement Statement { get; } = new(text);

    public T Read(DbDataReader row) => read(row);
}
