using System.Data.Common;
using Countersign.Server.Data.Protection;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Countersign.Server.Data;

/// <summary>Creates, upgrades and recognises the database.</summary>
internal sealed class Database(Contexts contexts, IOptions<DataOptions> options, MasterKeys keys, TimeProvider time)
{
    /// <summary>The use of a master key that shows that it is the one which the database was made with.</summary>
    public const string KeyCheckUse = "check";

    /// <summary>The use that keeps the flag of a demo from being changed.</summary>
    public const string StampUse = "installation-stamp";

    /// <summary>The migration before which installations had no stamp.</summary>
    private const string StampMigration = "StampInstallation";

    private static readonly SqlQuery<Installation> Only = SqlQuery.Of<Installation>(string.Empty);

    private static readonly SqlQuery<AppliedMigration> Applied = new(_ => (
        """SELECT migration_id FROM "__EFMigrationsHistory" """, row => new AppliedMigration(row.GetString(0))));

    /// <summary>Brings the schema up to this release and stamps a new database as demo or not.</summary>
    /// <remarks>On the embedded database under <see cref="FolderLock"/>: nobody else migrates it.</remarks>
    /// <exception cref="StartException">The database exists and is of the other kind (D30).</exception>
    public async Task MigrateAsync(bool demo, CancellationToken ct)
    {
        Patience.Lift();
        await using var db = contexts.Write();
        if (!options.Value.OnPostgres)
        {
            DataFolder.Create(options.Value.Directory);
            DataFolder.CreateDatabase(options.Value);
            await db.Database.OpenConnectionAsync(ct);
            await db.Database.ExecuteSqlRawAsync("PRAGMA journal_mode = WAL", ct);

            // A migration that was cut off has left its lock there, for which the next one would wait for ever.
            await db.Database.ExecuteSqlRawAsync("DROP TABLE IF EXISTS \"__EFMigrationsLock\"", ct);
        }

        var isInUse = (await db.Database.GetAppliedMigrationsAsync(ct)).Any();
        if (isInUse)
        {
            await RefuseOtherKeysAsync(db, ct);
        }

        // Looked at before: a stamp that is missing later was taken away.
        var unstamped = (await db.Database.GetPendingMigrationsAsync(ct)).Any(m => m.EndsWith(StampMigration, StringComparison.Ordinal));
        await (isInUse && contexts.Postgres is not null
            ? new PostgresUpgrade(db, contexts, time).RunAsync(ct)
            : db.Database.MigrateAsync(ct));
        var installation = await db.Set<Installation>().SingleOrDefaultAsync(ct);
        if (installation is null)
        {
            keys.CreateIfMissing();
            var (first, now) = (keys.Current, time.GetUtcNow());
            installation = new Installation
            {
                Id = Installation.OnlyId,
                CreatedAt = now,
                Demo = demo,
                KeyId = first.Id,
                KeyCheck = first.Derive(KeyCheckUse),
                StampKeyId = first.Id,
                Stamp = Installation.MakeStamp(first.Derive(StampUse), now, demo),
            };
            db.Add(installation);
            await SaveFirstAsync(db, ct);
        }
        else if (unstamped)
        {
            await StampAsync(db, installation, ct);
        }

        await using var read = contexts.Read();
        Refuse(await read.ReadOneAsync(Only, [], ct) ?? throw Unfinished(), demo);
    }

    /// <summary>Checks that the server may run on this database.</summary>
    /// <param name="demo">Null: of either kind.</param>
    /// <exception cref="StartException">It does not exist, is older than this release, or is of the other kind.</exception>
    public async Task CheckAsync(bool? demo, CancellationToken ct)
    {
        if (!options.Value.OnPostgres && !File.Exists(options.Value.SqliteFile))
        {
            throw new StartException(
                $"There is no database in {options.Value.Directory}. Create it with: countersign db migrate --data "
                    + $"{options.Value.Directory}");
        }

        if (await PendingAsync(ct) is { Count: > 0 } pending)
        {
            throw new StartException(
                $"The database lacks {pending.Count} migration(s) of this release, the first is {pending[0]}. Run: countersign db migrate");
        }

        await using var db = contexts.Read();
        Refuse(await db.ReadOneAsync(Only, [], ct) ?? throw Unfinished(), demo);
        if ((await db.ReadAsync(KeyRing.Whole, [], ct)).SelectMany(KeyRing.WrappedBy).FirstOrDefault(
            id => keys.Derive(id, KeyRingWrap.Use) is null) is { } missing)
        {
            throw new StartException(
                $"The key file {options.Value.KeyFilePath} lacks the master key {missing}, which wraps a key of the "
                    + "key ring. Is it the newest one?");
        }
    }

    /// <summary>A node that takes more connections than there are fails when it is busiest.</summary>
    /// <exception cref="StartException">PostgreSQL does not let so many in.</exception>
    public async Task RefuseTooFewConnectionsAsync(CancellationToken ct)
    {
        const int BesidePages = 2;
        if (contexts.Postgres is null)
        {
            return;
        }

        await using var db = contexts.Read();
        var there = await db.Database.SqlQueryRaw<int>(
            """
            SELECT current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int AS "Value"
            """).SingleAsync(ct);
        if (options.Value.Connections + BesidePages > there)
        {
            throw new StartException(
                $"This node may open {options.Value.Connections + BesidePages} connections (Data:Connections and {BesidePages}), and "
                    + $"PostgreSQL lets {there} in, those of all nodes together. Lower Data:Connections, or raise max_connections.");
        }
    }

    /// <summary>The migrations of this release that the database lacks.</summary>
    public async Task<IReadOnlyList<string>> PendingAsync(CancellationToken ct)
    {
        await using var db = contexts.Read();
        var known = db.Database.GetMigrations().ToList();
        try
        {
            // Each start and each probe asks this: without waking Entity Framework's migrator.
            var applied = await db.ReadAsync(Applied, [], ct);
            return [.. known.Except(applied.Select(a => a.Id), StringComparer.Ordinal)];
        }
        catch (DbException e) when (e is SqliteException
            or PostgresException { SqlState: PostgresErrorCodes.UndefinedTable or PostgresErrorCodes.InvalidCatalogName })
        {
            // No migration has come here yet, or there is no database.
            return [.. await db.Database.GetPendingMigrationsAsync(ct)];
        }
    }

    /// <summary>
    /// Of two nodes that create a database at the same moment one writes the row; the other goes on with what stands there.
    /// </summary>
    private static async Task SaveFirstAsync(CountersignDbContext db, CancellationToken ct)
    {
        try
        {
            await db.SaveChangesAsync(ct);
        }
        catch (DbUpdateException) when (db.Set<Installation>().AsNoTracking().Any())
        {
            db.ChangeTracker.Clear();
        }
    }

    /// <summary>An installation from before there were stamps is taken as it is, once: when it gets its column.</summary>
    private async Task StampAsync(CountersignDbContext db, Installation installation, CancellationToken ct)
    {
        RefuseOtherKeys(installation);
        var key = keys.Current;
        var stamp = Installation.MakeStamp(key.Derive(StampUse), installation.CreatedAt, installation.Demo);
        await db.Set<Installation>().Where(i => i.Stamp == null).ExecuteUpdateAsync(
            set => set.SetProperty(i => i.StampKeyId, key.Id).SetProperty(i => i.Stamp, stamp), ct);
    }

    private static StartException Unfinished() =>
        new("The database was not finished when it was created. Run: countersign db migrate");

    private sealed record AppliedMigration(string Id);

    private void Refuse(Installation installation, bool? demo)
    {
        RefuseOtherKeys(installation);
        if (installation.StampKeyId is null || installation.Stamp is null)
        {
            throw new StartException(
                "The database does not say with a stamp whether it is a demo: the stamp was taken away, or its migration was cut off. "
                    + "Restore the backup from before.");
        }

        if (keys.Derive(installation.StampKeyId, StampUse) is not { } stampKey)
        {
            throw new StartException(
                $"The key file {options.Value.KeyFilePath} lacks the master key {installation.StampKeyId}, which stamped the database. "
                    + "Is it the newest one?");
        }

        if (!installation.IsAsStamped(stampKey))
        {
            throw new StartException(
                "The row that says whether this database is a demo was changed: it does not fit its stamp. It was a demo, or was made to "
                    + "look like one; restore a backup, and find out who writes to the database.");
        }

        if (installation.Demo && demo == false)
        {
            throw new StartException(
                "This is a demo database: its passwords are public. It never serves real clients; use another folder or database.");
        }

        if (!installation.Demo && demo == true)
        {
            throw new StartException(
                "Demo mode refuses this database: it was not created by demo mode and may hold real clients. Use "
                    + "another folder with --data.");
        }
    }

    /// <summary>Before anything is changed: what a migration has begun with other keys it could not end.</summary>
    private async Task RefuseOtherKeysAsync(CountersignDbContext db, CancellationToken ct)
    {
        // By name: columns of this release may not be there yet.
        var ids = await db.Database.SqlQueryRaw<string>("SELECT key_id AS \"Value\" FROM installations").ToListAsync(ct);
        var checks = await db.Database.SqlQueryRaw<byte[]>("SELECT key_check AS \"Value\" FROM installations").ToListAsync(ct);
        foreach (var (id, check) in ids.Zip(checks))
        {
            RefuseOtherKeys(id, check);
        }
    }

    private void RefuseOtherKeys(Installation installation) => RefuseOtherKeys(installation.KeyId, installation.KeyCheck);

    private void RefuseOtherKeys(string keyId, byte[] keyCheck)
    {
        if (keys.Derive(keyId, KeyCheckUse) is not { } key || !key.AsSpan().SequenceEqual(keyCheck))
        {
            throw new StartException($"The key file {options.Value.KeyFilePath} is not the one that this database was made with.");
        }
    }
}
