using Countersign.Server.Data;
using Countersign.Server.Features.Access.Passwords;
using Countersign.Server.Features.Ground.Audit;
using Microsoft.Extensions.Options;

namespace Countersign.Server.Features.Clients.Records.Import;

/// <summary>What an import did.</summary>
/// <param name="Enrolled">Users whose codes come to their number from now on.</param>
internal sealed record ImportResult(int NewUsers, int UpdatedUsers, int People, int Accounts, int Enrolled);

/// <summary>
/// Writes a checked file in one transaction of the command line's own: all of it, or nothing, whatever dies in between. What is
/// there already is brought up to date; the password of a user who has one is never touched.
/// </summary>
internal sealed class ImportUsers(
    Contexts contexts, PasswordHash hashes, FactsWriter facts, AfterEffects effects, IOptions<ImportOptions> options,
    TimeProvider time)
{
    private const int BatchSize = 250;

    /// <param name="quiet">Whether nobody is told.</param>
    /// <returns>What was done, or why nothing was.</returns>
    public async Task<Result<ImportResult>> RunAsync(
        ImportCheck file, Actor by, bool quiet, Action<string, int, int> progress, CancellationToken ct)
    {
        // Before the transaction: hashes are slow.
        var passwords = HashPasswords(file.Users, progress, ct);

        var notices = new ImportNotices(time.GetUtcNow(), options.Value.NoticesPerMinute, quiet);
        await using var db = contexts.Write();
        await using var transaction = await db.Database.BeginTransactionAsync(ct);
        var people = await EachAsync(
            db, file.People, "people", progress, (context, batch, token) => facts.PeopleAsync(context, batch, by, token), p => p.Number,
            ct);
        if (!people.Succeeded)
        {
            return people.Error;
        }

        var accounts = await EachAsync(
            db, file.Accounts, "accounts", progress, async (context, batch, token) => await facts.AccountsAsync(context, batch, token),
            a => a.Number, ct);
        var (newUsers, updatedUsers) = (0, 0);
        var users = await EachAsync(
            db,
            file.Users,
            "users",
            progress,
            async (context, batch, token) =>
            {
                var written = await facts.UsersAsync(context, batch, people.Value, passwords, by, notices, token);
                newUsers += written.Value?.Added ?? 0;
                updatedUsers += batch.Count - (written.Value?.Added ?? 0);
                return written.Succeeded ? written.Value.Ids : written.Error;
            },
            u => u.NormalisedName,
            ct);
        if (!users.Succeeded)
        {
            return users.Error;
        }

        var personOf = file.Users.ToDictionary(u => u.NormalisedName, u => u.Person, StringComparer.Ordinal);
        var ids = new KnownIds(users.Value, accounts.Value!, people.Value);
        foreach (var batch in file.Links.Chunk(BatchSize))
        {
            await facts.LinkAsync(db, batch, ids, personOf, by, ct);
        }

        await transaction.CommitAsync(ct);
        effects.Run(db.TakeAfterCommit());
        return new ImportResult(newUsers, updatedUsers, people.Value.Count, accounts.Value!.Count, notices.Count);
    }

    private Dictionary<string, string> HashPasswords(
        IReadOnlyCollection<UserFacts> users, Action<string, int, int> progress, CancellationToken ct)
    {
        var wanted = users.Where(u => u.InitialPassword is not null).ToList();
        var made = new System.Collections.Concurrent.ConcurrentDictionary<string, string>(StringComparer.Ordinal);
        Parallel.ForEach(
            wanted, new ParallelOptions { CancellationToken = ct, MaxDegreeOfParallelism = Environment.ProcessorCount }, user =>
            {
                made[user.NormalisedName] = hashes.Make(user.InitialPassword!);
                progress("passwords", made.Count, wanted.Count);
            });
        return new Dictionary<string, string>(made, StringComparer.Ordinal);
    }

    /// <summary>Writes one table in batches, each saved and forgotten, so that memory stays flat; yields the ids by key.</summary>
    private static async Task<Result<Dictionary<string, Guid>>> EachAsync<T>(
        CountersignDbContext db,
        IReadOnlyCollection<T> all,
        string what,
        Action<string, int, int> progress,
        Func<CountersignDbContext, IReadOnlyList<T>, CancellationToken, Task<Result<Dictionary<string, Guid>>>> write,
        Func<T, string> key,
        CancellationToken ct)
    {
        var ids = new Dictionary<string, Guid>(all.Count, StringComparer.Ordinal);
        foreach (var batch in all.Chunk(BatchSize))
        {
            var written = await write(db, batch, ct);
            if (!written.Succeeded)
            {
                return written.Error;
            }

            await db.SaveChangesAsync(ct);
            db.ChangeTracker.Clear();
            foreach (var item in batch)
            {
                ids[key(item)] = written.Value[key(item)];
            }

            progress(what, ids.Count, all.Count);
        }

        return ids;
    }
}
