using System.Text;
using Countersign.Server.Data;
using Countersign.Server.Features.Confirming.Challenges;
using Countersign.Server.Features.Confirming.Devices;
using Countersign.SampleKind.Promising;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace Countersign.SampleKind.Tapping;

/// <summary>What a tapping program asks of the server. Each request is signed by its key.</summary>
internal sealed record TapRequest(Guid User, string? Challenge = null, int Prompt = 0, string? Response = null);

/// <summary>The program's side: what waits for it, and its yes or no.</summary>
internal static class TappingEndpoints
{
    public static void MapTapping(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/tapping").AllowAnonymous();
        group.MapPost("/requests", ListAsync);
        group.MapPost(
            "/approvals", (HttpContext http, TappingPrograms programs, HeldChallenges held, CancellationToken ct) => programs.AsAsync(
                http,
                async (holder, tap) =>
                    ProvedBodies.Said(await held.ApproveAsync(HandleOf(tap), holder, tap.Prompt, tap.Response ?? TappingKind.Approves, ct)),
                ct));
        group.MapPost(
            "/denials", (HttpContext http, TappingPrograms programs, HeldChallenges held, CancellationToken ct) => programs.AsAsync(
                http, async (holder, tap) => ProvedBodies.Said(await held.DenyAsync(HandleOf(tap), holder, tap.Prompt, ct)), ct));
    }

    private static Task<IResult> ListAsync(
        HttpContext http, TappingPrograms programs, HeldChallenges held, CancellationToken ct) => programs.AsAsync(
        http,
        async (holder, _) =>
        {
            var waiting = new List<object>();
            foreach (var handle in await held.ListAsync(holder, ct))
            {
                var read = await held.ReadAsync(handle, holder, ct);
                if (read.Succeeded)
                {
                    waiting.Add(new { challenge = handle.ToString(), prompt = read.Value.PromptNo, statement = read.Value.Statement });
                }
            }

            return Results.Ok(waiting);
        },
        ct);

    private static ChallengeHandle HandleOf(TapRequest tap) => ChallengeHandle.Parse(tap.Challenge!, null);
}

/// <summary>Finds the credential that a program holds, by the key that signed its request.</summary>
internal sealed class TappingPrograms(Contexts contexts, ProvedBodies bodies, CredentialVault vault)
{
    public async Task<IResult> AsAsync(HttpContext http, Func<DeviceHolder, TapRequest, Task<IResult>> act, CancellationToken ct)
    {
        var read = await bodies.ReadAsync<TapRequest>(http, ct);
        if (!read.Succeeded)
        {
            return ProvedBodies.Said(read.Error);
        }

        var (proved, tap) = (read.Value.Request, read.Value.Body);
        await using var db = contexts.Read();
        foreach (var row in await DeviceViews.RowsOf(db, tap.User).Where(r => r.Device.Kind == TappingKind.KindId).ToListAsync(ct))
        {
            if (vault.Open(row.Credential, row.Device) is { } opened && Encoding.ASCII.GetString(opened.State) == proved.Thumbprint)
            {
                return await act(new DeviceHolder(tap.User, opened.Key, proved.Opener.Source), tap);
            }
        }

        return ProvedBodies.Said(ChallengeErrors.Missing);
    }
}
