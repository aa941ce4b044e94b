using System.Text;
using Microsoft.EntityFrameworkCore;

namespace Countersign.Server.Data.Protection;

/// <summary>
/// A column whose values are closed, each for its own row (D28), and how those that an older master key closed are found. It stands
/// beside the row's class, and its slice registers it as <see cref="IKeyedRows"/>.
/// </summary>
/// <param name="what">What the values are called, for people.</param>
/// <param name="owner">The column with the owner's id; with <paramref name="row"/> the primary key.</param>
internal sealed class SealedColumn(string what, string table, string column, string owner = "id", string row = "id") : IKeyedRows
{
    /// <summary>What an operator does so that nothing needs an old key any more.</summary>
    public const string Rewrap = "run countersign keys rewrap";

    private readonly byte[] _name = Encoding.UTF8.GetBytes($"{table}.{column}\0");

    public string Name { get; } = $"{table}.{column}";

    public string What => what;

    public string Use => Sealed.Use;

    public KeyRest Rest => KeyRest.Nothing;

    public string Remedy => Rewrap;

    /// <summary>
    /// The next 500 rows after the owner <c>$1</c> and the row <c>$2</c>, with the value where another master key closed it than the one
    /// whose <see cref="Sealed.HeadOf"/> is <c>$3</c>, <c>$4</c> bytes long.
    /// </summary>
    public SqlQuery<SealedValue> Next { get; } = new(_ => (
        $"""
        SELECT {owner}, {row}, CASE WHEN substr({column}, 1, $4) <> $3 THEN {column} END FROM {table}
        WHERE ({owner}, {row}) > ($1, $2) ORDER BY {owner}, {row} LIMIT 500
        """,
        found => new SealedValue(
            found.GetGuid(0), found.GetGuid(1), found.IsDBNull(2) ? null : found.GetFieldValue<byte[]>(2))));

    /// <summary>Puts <c>$4</c> in place of <c>$3</c> in the row <c>$2</c> of the owner <c>$1</c>.</summary>
    public SqlStatement Renew { get; } = new(
        $"UPDATE {table} SET {column} = $4 WHERE {owner} = $1 AND {row} = $2 AND {column} = $3");

    public async Task<int> CountAsync(CountersignDbContext db, string keyId, CancellationToken ct)
    {
        var head = Sealed.HeadOf(keyId);
        var text = $"SELECT CAST(count(*) AS integer) AS \"Value\" FROM {table} WHERE substr({column}, 1, {{1}}) = {{0}}";
        return await db.Database.SqlQueryRaw<int>(text, head, head.Length).SingleAsync(ct);
    }

    /// <summary>The place of <see cref="Sealed"/>.</summary>
    public byte[] PlaceOf(Guid ownerId, Guid rowId)
    {
        var place = new byte[_name.Length + 32];
        _name.CopyTo(place, 0);
        ownerId.TryWriteBytes(place.AsSpan(_name.Length));
        rowId.TryWriteBytes(place.AsSpan(_name.Length + 16));
        return place;
    }
}

/// <summary>A closed value, and where it lies.</summary>
/// <param name="Closed">Null where nothing has to be done about it.</param>
internal sealed record SealedValue(Guid Owner, Guid Row, byte[]? Closed);
