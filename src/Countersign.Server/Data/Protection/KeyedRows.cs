using Microsoft.EntityFrameworkCore;

namespace Countersign.Server.Data.Protection;

/// <summary>What of a retired key stays for the rows that need it.</summary>
internal enum KeyRest
{
    /// <summary>Nothing: the rows have to take another key first.</summary>
    Nothing,

    /// <summary>The one derived key, if whoever retires it says so.</summary>
    IfAsked,

    /// <summary>The one derived key: such rows never change.</summary>
    Always,
}

/// <summary>Rows of a slice that name the master key which they were made with.</summary>
internal interface IKeyedRows
{
    /// <summary>What they are called, for people.</summary>
    string What { get; }

    /// <summary>The use of the master key.</summary>
    string Use { get; }

    KeyRest Rest { get; }

    /// <summary>How they come by another key.</summary>
    string Remedy { get; }

    Task<int> CountAsync(CountersignDbContext db, string keyId, CancellationToken ct);
}

/// <summary>Rows of one table that name a master key, as their slice says.</summary>
internal sealed class KeyedRows<TRow>(
    string what, string use, KeyRest rest, string remedy, Func<IQueryable<TRow>, string, IQueryable<TRow>> of) : IKeyedRows
    where TRow : class
{
    public string What => what;

    public string Use => use;

    public KeyRest Rest => rest;

    public string Remedy => remedy;

    public Task<int> CountAsync(CountersignDbContext db, string keyId, CancellationToken ct) => of(db.Set<TRow>(), keyId).CountAsync(ct);
}
