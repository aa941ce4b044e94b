using System.Globalization;
using Countersign.Server;
using Countersign.Server.Data;
using Countersign.Server.Features.Confirming.Challenges;
using Countersign.Server.Features.Registry.Users;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Countersign.SampleKind.Promising;

/// <summary>What a program asks for a promise. Each request is signed by its key, which is the challenge's opener.</summary>
internal sealed record PromiseRequest(
    Guid User, string? What = null, bool Solemn = false, bool Shown = false, string? Challenge = null, Guid Device = default,
    int Prompt = 0, string? Response = null);

/// <summary>Opens, chooses, types and uses, as a program does: the whole engine without a page.</summary>
internal static class PromiseEndpoints
{
    public static void MapPromises(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/promises").AllowAnonymous();
        group.MapPost("/", OpenAsync);
        group.MapPost(
            "/choices",
            async (HttpContext http, ProvedBodies bodies, ChangeChallenge change, PromisePurpose purpose, CancellationToken ct) =>
            {
                var read = await bodies.ReadAsync<PromiseRequest>(http, ct);
                return ProvedBodies.Said(read.Error
                    ?? await change.ChooseAsync(purpose, HandleOf(read.Value!), read.Value!.Request.Opener, read.Value.Body.Device, ct));
            });
        group.MapPost(
            "/states", async (HttpContext http, ProvedBodies bodies, ShowChallenge show, PromisePurpose purpose, CancellationToken ct) =>
            {
                var read = await bodies.ReadAsync<PromiseRequest>(http, ct);
                var shown = read.Succeeded ? await show.RunAsync(purpose, HandleOf(read.Value), read.Value.Request.Opener, ct) : read.Error;
                return shown.Succeeded
                    ? Results.Ok(new
                    {
                        state = shown.Value.Status.State,
                        prompt = shown.Value.Open.PromptNo,
                        devices = shown.Value.Choices.Select(c => new { id = c.Device.Id, refusal = c.Refusal?.Code }),
                    })
                    : ProvedBodies.Said(shown.Error);
            });
        group.MapPost(
            "/responses",
            async (HttpContext http, ProvedBodies bodies, AnswerChallenge answer, PromisePurpose purpose, CancellationToken ct) =>
            {
                var read = await bodies.ReadAsync<PromiseRequest>(http, ct);
                return read.Succeeded
                    ? Said(await answer.TypeAsync(
                        purpose, HandleOf(read.Value), read.Value.Request.Opener, read.Value.Body.Prompt, read.Value.Body.Response, ct))
                    : ProvedBodies.Said(read.Error);
            });
        group.MapPost(
            "/uses", async (HttpContext http, ProvedBodies bodies, AnswerChallenge answer, PromisePurpose purpose, CancellationToken ct) =>
            {
                var read = await bodies.ReadAsync<PromiseRequest>(http, ct);
                return read.Succeeded
                    ? Said(await answer.UseAsync(purpose, HandleOf(read.Value), read.Value.Request.Opener, ct))
                    : ProvedBodies.Said(read.Error);
            });
    }

    private static async Task<IResult> OpenAsync(
        HttpContext http, ProvedBodies bodies, IWriter writer, UserViews users, ChallengeOpening opening, PromisePurpose purpose,
        CancellationToken ct)
    {
        var read = await bodies.ReadAsync<PromiseRequest>(http, ct);
        if (!read.Succeeded)
        {
            return ProvedBodies.Said(read.Error);
        }

        var (asked, opener) = (read.Value.Body, read.Value.Request.Opener);
        var begun = await writer.RunAsync<Result<ChallengeHandle>>(
            async (db, token) => await users.FindAsync(db, asked.User, token) is { } user
                ? await opening.BeginAsync(
                    db,
                    purpose.For(user, new PromiseSubject(asked.What!, asked.Solemn, asked.Shown), CultureInfo.GetCultureInfo("en"), opener),
                    token)
                : ChallengeErrors.Missing,
            ct);
        return begun.Succeeded ? Results.Ok(new { challenge = begun.Value.ToString() }) : ProvedBodies.Said(begun.Error);
    }

    private static ChallengeHandle HandleOf(ProvedBody<PromiseRequest> read) => ChallengeHandle.Parse(read.Body.Challenge!, null);

    private static IResult Said(Answered<PromiseSubject, Guid> answered) => answered switch
    {
        Answered<PromiseSubject, Guid>.Completed completed => Results.Ok(new { promise = completed.Value }),
        Answered<PromiseSubject, Guid>.Wrong wrong => ProvedBodies.Said(wrong.Error),
        Answered<PromiseSubject, Guid>.Refused refused => ProvedBodies.Said(refused.Error),
        _ => throw new System.Diagnostics.UnreachableException(),
    };
}
