using System.Data.Common;
using Countersign.Server.Data;
using Countersign.Server.Data.Protection;

namespace Countersign.Server.Http;

/// <summary>Health for whoever restarts the process (<c>live</c>) and whoever sends it traffic (<c>ready</c>).</summary>
internal static class Health
{
    /// <summary>Whoever sends traffic asks every few seconds, and has to be told.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(1_800);

    public sealed record Report(string Status, IReadOnlyList<string> Reasons);

    public static void MapHealth(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/health").AllowAnonymous().WithTags("Health");
        group.MapGet("/live", () => TypedResults.Ok(new Report("live", [])));
        group.MapGet("/ready", async (
            Database database, WritableDatabase writable, KeyRing ring, IEnumerable<IReadinessCheck> checks, CancellationToken ct) =>
        {
            var reasons = await ReasonsAsync(database, writable, ring, checks, ct);
            return TypedResults.Json(
                new Report(reasons.Count == 0 ? "ready" : "not ready", reasons),
                statusCode: reasons.Count == 0 ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable);
        });
    }

    private static async Task<IReadOnlyList<string>> OfDatabaseAsync(Database database, WritableDatabase writable, CancellationToken ct) =>
        await database.PendingAsync(ct) is { Count: > 0 } pending
            ? [$"The database lacks {pending.Count} migration(s) of this release."]
            : await writable.ReasonsAsync();

    private static async Task<List<string>> ReasonsAsync(
        Database database, WritableDatabase writable, KeyRing ring, IEnumerable<IReadinessCheck> checks, CancellationToken ct)
    {
        var reasons = new List<string>();
        try
        {
            reasons.AddRange(await OfDatabaseAsync(database, writable, ct).WaitAsync(Patience, TimeProvider.System, ct));
        }
        catch (TimeoutException)
        {
            reasons.Add("The database does not answer in time.");
        }
        catch (Exception e) when (e is DbException || e.InnerException is DbException)
        {
            reasons.Add("The database does not answer.");
        }

        reasons.AddRange(checks.SelectMany(c => c.Reasons()));
        reasons.AddRange(ring.Lacking.Select(id => $"The key file lacks the master key {id}."));
        return reasons;
    }
}
