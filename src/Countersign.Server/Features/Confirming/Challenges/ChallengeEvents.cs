using System.Globalization;
using System.Runtime.CompilerServices;
using Countersign.Server.Data;
using Countersign.Server.Features.Ground.Signals;
using Countersign.Server.Features.Messaging.Messages;
using Countersign.Server.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Localization;

namespace Countersign.Server.Features.Confirming.Challenges;

/// <summary>What a waiting page is told.</summary>
/// <param name="State">The challenge's state, in lower case.</param>
/// <param name="Delivery">Where the message is on its way, in lower case; null where none was sent.</param>
/// <param name="DeliveryText">The same in words.</param>
internal sealed record ChallengeStatus(string State, string? Delivery, string? DeliveryText);

/// <summary>Wakes waiting pages by server-sent events, with a poll for browsers or proxies that do not let them through.</summary>
internal static class ChallengeEvents
{
    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(2);

    public static void MapChallengeEvents(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/challenges/{handle}").AllowAnonymous().WithTags("Challenges");
        group.MapGet("/", StatusAsync);
        group.MapGet("/events", EventsAsync).RequireRateLimiting(HttpSlice.HeldPolicy);
    }

    private static async Task<Results<Ok<ChallengeStatus>, ProblemHttpResult>> StatusAsync(
        string handle, HttpContext http, StatusReader status, Openers openers, CancellationToken ct) =>
        ChallengeHandle.TryParse(handle, provider: null, out var parsed)
            && await status.ReadAsync(parsed, openers.Get(http, knownSince: null), ct) is { } read
            ? TypedResults.Ok(read)
            : NotFound();

    private static async Task<Results<ServerSentEventsResult<ChallengeStatus>, ProblemHttpResult>> EventsAsync(
        [FromRoute(Name = "handle")] string text, HttpContext http, StatusReader status, Openers openers, IHostApplicationLifetime lifetime,
        CancellationToken ct)
    {
        var opener = openers.Get(http, knownSince: null);
        if (!ChallengeHandle.TryParse(text, provider: null, out var handle) || await status.ReadAsync(handle, opener, ct) is null)
        {
            return NotFound();
        }

        var states = http.WantsHeadOnly()
            ? AsyncEnumerable.Empty<ChallengeStatus>()
            : FollowAsync(handle, opener, status, lifetime.ApplicationStopping, ct);
        return TypedResults.ServerSentEvents(states, "state");
    }

    private static async IAsyncEnumerable<ChallengeStatus> FollowAsync(
        ChallengeHandle handle, Opener opener, StatusReader status, CancellationToken stopping,
        [EnumeratorCancellation] CancellationToken ct)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(stopping, ct);
        ChallengeStatus? last = null;
        await status.AwaitAsync(handle, ending.Token);
        using var waiter = status.Subscribe(handle);
        while (!ending.IsCancellationRequested)
        {
            if (await status.ReadAsync(handle, opener, ending.Token) is not { } now)
            {
                yield break;
            }

            if (now != last)
            {
                yield return last = now;
            }

            if (now.State is not ("pending" or "prompted"))
            {
                yield break;
            }

            await status.NextAsync(waiter, LookAgain, ending.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static ProblemHttpResult NotFound() =>
        TypedResults.Problem(
            statusCode: StatusCodes.Status404NotFound,
            extensions: new Dictionary<string, object?> { ["code"] = ChallengeErrors.Missing.Code });
}

/// <summary>Reads what a waiting page is told.</summary>
internal sealed class StatusReader(
    Contexts contexts, IWriter writer, ChallengeReader challenges, ChallengeSignals signals, IStringLocalizer<MessageText> texts,
    TimeProvider time)
{
    public async Task<ChallengeStatus?> ReadAsync(ChallengeHandle handle, Opener opener, CancellationToken ct)
    {
        await using var db = contexts.Read();
        return await challenges.FollowAsync(db, handle, opener, ct) is { } state ? await OfAsync(db, handle, state, ct) : null;
    }

    /// <summary>The same for a state that was read already.</summary>
    public async Task<ChallengeStatus> OfAsync(CountersignDbContext db, ChallengeHandle handle, ChallengeState state, CancellationToken ct)
    {
        var delivery = await Outbox.DeliveryAsync(db, handle.UserId, handle.Id, ct) is { } sent ? Lower(sent) : null;
        return new ChallengeStatus(Lower(state), delivery, delivery is null ? null : texts["delivery." + delivery].Value);
    }

    /// <summary>Notes that a page waits, so that changes on other nodes are told here.</summary>
    public Task AwaitAsync(ChallengeHandle handle, CancellationToken ct) => writer.RunAsync(
        (db, token) => db.Set<Challenge>().Where(c => c.UserId == handle.UserId && c.Id == handle.Id && !c.Awaited)
            .ExecuteUpdateAsync(set => set.SetProperty(c => c.Awaited, true), token),
        ct);

    public ChallengeSignals.Waiter Subscribe(ChallengeHandle handle) => signals.Subscribe(handle.Id);

    /// <summary>Returns at the next wake-up, or after a while in case one was lost.</summary>
    public async Task NextAsync(ChallengeSignals.Waiter waiter, TimeSpan atMost, CancellationToken ct)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct);
        await Task.WhenAny(waiter.NextAsync(either.Token), Task.Delay(atMost, time, either.Token));
        await either.CancelAsync();
    }

    private static string Lower<T>(T value)
        where T : struct, Enum => value.ToString().ToLower(CultureInfo.InvariantCulture);
}
