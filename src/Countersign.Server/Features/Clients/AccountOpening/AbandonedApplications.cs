using System.Runtime.CompilerServices;
using Countersign.Server.Data;
using Countersign.Server.Features.Ground.Audit;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;

namespace Countersign.Server.Features.Clients.AccountOpening;

/// <summary>
/// Applications that nobody has gone on with: they go with their users and all that belongs to these, so that neither a name nor an address
/// is kept of somebody who never became a client. Whoever acts for an account, or holds a device that was made for them, is one.
/// </summary>
internal sealed class AbandonedApplications(AuditTrail audit) : IOldRows
{
    private static readonly ConditionalWeakTable<IModel, IReadOnlyList<SqlStatement>> Belongings = [];

    private static readonly SqlStatement OwnPerson = new("""
        DELETE FROM people WHERE id = $1
          AND NOT EXISTS (SELECT 1 FROM users WHERE users.person_id = people.id)
          AND NOT EXISTS (SELECT 1 FROM account_holders WHERE account_holders.person_id = people.id)
        """);

    private static readonly SqlQuery<Found> Find = new(_ => (
        """
        SELECT a.user_id, u.person_id FROM account_applications a JOIN users u ON u.id = a.user_id
        WHERE a.state = 'Draft' AND a.begun_at < $1 AND a.saved_at < $1
          AND NOT EXISTS (SELECT 1 FROM account_users l WHERE l.user_id = a.user_id)
          AND NOT EXISTS (SELECT 1 FROM devices d WHERE d.user_id = a.user_id AND d.credential_owner <> a.user_id)
        LIMIT $2
        """,
        row => new Found(row.GetGuid(0), row.GetGuid(1))));

    /// <summary>It may have been gone on with, or handed in, meanwhile.</summary>
    private static readonly SqlStatement Delete = new(
        "DELETE FROM account_applications WHERE user_id = $1 AND state || '' = 'Draft' AND saved_at < $2");

    /// <summary>Some dozens of rows go with each.</summary>
    public int MostAtOnce => 10;

    /// <summary>
    /// Deletes what belongs to the user <c>$1</c>, and then the user. What has a user in its row is the user's, whichever slice keeps it;
    /// audit rows, which may have none, stay.
    /// </summary>
    public static IReadOnlyList<SqlStatement> BelongingsIn(IModel model) => Belongings.GetValue(model, m =>
    [
        .. from type in m.GetEntityTypes()
           where type.FindProperty("UserId") is { } user && user.ClrType == typeof(Guid)
           select new SqlStatement($"DELETE FROM {type.GetTableName()} WHERE user_id = $1"),
        new("DELETE FROM credentials WHERE owner_id = $1"),
        new("DELETE FROM rations WHERE owner = $1"),
        new("DELETE FROM users WHERE id = $1"),
    ]);

    public (SqlStatement Find, SqlStatement Delete) StatementsIn(IModel model) => (Find.In(model).Statement, Delete);

    public async Task<int> DeleteAsync(
        CountersignDbContext db, RetentionOptions options, DateTimeOffset now, int limit, CancellationToken ct)
    {
        var before = (now - options.AccountApplications).ToUnixMicroseconds();
        var found = await db.ReadAsync(Find, [before, limit], ct);
        foreach (var (userId, personId) in found)
        {
            if (!await db.TryChangeOneAsync(Delete, userId, before))
            {
                continue;
            }

            foreach (var belonging in BelongingsIn(db.Model))
            {
                await db.ChangeAsync(belonging, userId);
            }

            await db.ChangeAsync(OwnPerson, personId);
            audit.Add(db, AuditEvents.AccountOpeningAbandoned, userId, Actor.Job("retention"));
        }

        return found.Count;
    }

    private sealed record Found(Guid UserId, Guid PersonId);
}
