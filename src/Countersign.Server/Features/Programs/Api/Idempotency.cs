using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Countersign.Server.Data;
using Countersign.Server.Features.Programs.Applications;
using Microsoft.EntityFrameworkCore;

namespace Countersign.Server.Features.Programs.Api;

/// <summary>
/// Lets a request have its effect once, however often it is sent: the key is claimed, the effect happens and the answer is stored in
/// one unit of work. A refusal stores nothing, so that the key serves again once what was wrong is mended.
/// </summary>
internal sealed class Idempotency(IWriter writer, TimeProvider time)
{
    public const string Header = "Idempotency-Key";
    public const string ReplayedHeader = "Idempotent-Replayed";
    public const int LongestKey = 64;

    /// <summary>How long a repetition is recognised.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromHours(24);

    /// <param name="body">What was asked for, as it was read: spaces and the order of members make no other request.</param>
    /// <param name="status">The status of success.</param>
    public async Task<IResult> RunAsync<TBody, TAnswer>(
        HttpContext http, TBody body, int status, Func<CountersignDbContext, CancellationToken, Task<Result<TAnswer>>> unit,
        CancellationToken ct)
    {
        if (!TryRead(http, out var key))
        {
            return new ApiRefusal(IdempotencyErrors.KeyMissing, status: StatusCodes.Status400BadRequest);
        }

        var id = (Application: http.Application().Id, Key: SHA256.HashData(Encoding.ASCII.GetBytes(key)));
        var request = Hash(http, body);
        return await writer.RunAsync(
            async (db, token) =>
            {
                if (!await ClaimAsync(db, id.Application, id.Key, request, token))
                {
                    return await RepeatAsync(db, id.Application, id.Key, request, token);
                }

                var result = await unit(db, token);
                var mine = db.Set<IdempotencyKey>().Where(k => k.ApplicationId == id.Application && k.KeyHash == id.Key);
                if (!result.Succeeded)
                {
                    await mine.ExecuteDeleteAsync(token);
                    return new ApiRefusal(result.Error);
                }

                var json = JsonSerializer.Serialize(result.Value, JsonSerializerOptions.Web);
                await mine.ExecuteUpdateAsync(set => set.SetProperty(k => k.Status, status).SetProperty(k => k.Body, json), token);
                return new Answer(status, json, Replayed: false);
            },
            ct);
    }

    private static bool TryRead(HttpContext http, out string key)
    {
        key = http.Request.Headers[Header].ToString();
        return key.Length is > 0 and <= LongestKey && key.All(c => c is >= ' ' and <= '~');
    }

    private static byte[] Hash<TBody>(HttpContext http, TBody body) => SHA256.HashData(Encoding.UTF8.GetBytes(
        http.Request.Method + "\n" + http.Request.Path.Value + "\n" + JsonSerializer.Serialize(body, JsonSerializerOptions.Web)));

    /// <summary>
    /// Takes the key for this request. Of two that come at the same moment the other waits for the first one's end, and then is a
    /// repetition.
    /// </summary>
    private async Task<bool> ClaimAsync(CountersignDbContext db, Guid application, byte[] key, byte[] request, CancellationToken ct)
    {
        var now = time.GetUtcNow().ToUnixMicroseconds();
        var forgotten = (time.GetUtcNow() - Lifetime).ToUnixMicroseconds();
        return await db.Database.ExecuteSqlAsync(
            $"""
            INSERT INTO idempotency_keys (application_id, key_hash, request_hash, status, body, created_at)
            VALUES ({application}, {key}, {request}, 0, '', {now})
            ON CONFLICT (application_id, key_hash) DO UPDATE SET request_hash = excluded.request_hash,
            status = 0, body = '', created_at = excluded.created_at
            WHERE idempotency_keys.created_at <= {forgotten}
            """,
            ct) == 1;
    }

    private static async Task<IResult> RepeatAsync(
        CountersignDbContext db, Guid application, byte[] key, byte[] request, CancellationToken ct)
    {
        var stored = await db.Set<IdempotencyKey>().AsNoTracking().SingleAsync(k => k.ApplicationId == application && k.KeyHash == key, ct);
        return stored.RequestHash.AsSpan().SequenceEqual(request)
            ? new Answer(stored.Status, stored.Body, Replayed: true)
            : new ApiRefusal(IdempotencyErrors.OtherRequest);
    }

    /// <summary>The answer as it was stored, so that a repetition is the same to the byte.</summary>
    private sealed record Answer(int Status, string Json, bool Replayed) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext)
        {
            if (Replayed)
            {
                httpContext.Response.Headers[ReplayedHeader] = "true";
            }

            return TypedResults.Text(Json, "application/json", Encoding.UTF8, Status).ExecuteAsync(httpContext);
        }
    }
}
