using System.Text;
using Countersign.Server;
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
        group.MapPost(
            "/requests", (HttpContext http, ProvedBodies bodies, TappingPrograms programs, HeldChallenges held, CancellationToken ct) =>
                programs.AsAsync(http, bodies, ct, async (holder, _) =>
                {
                    var waiting = new List<object>();
                    foreach (var handle in await held.ListAsync(holder, ct))
                    {
                        var read = await held.ReadAsync(handle, holder, ct);
                        if (read.Succeeded)
                        {
                            waiting.Add(
                                new { challenge = handle.ToString(), prompt = read.Value.PromptNo, statement = read.Value.Statement });
                        }
                    }

                    return Results.Ok(waiting);
                }));
        group.MapPost(
            "/approvals", (HttpContext http, ProvedBodies bodies, TappingPrograms programs, HeldChallenges held, CancellationToken ct) =>
                programs.AsAsync(http, bodies, ct, async (holder, tap) =>
                    ProvedBodies.Said(await held.ApproveAsync(
                        ChallengeHandle.Parse(tap.Challenge!, null), holder, tap.Prompt, tap.Response ?? TappingKind.Approves, ct))));
        group.MapPost(
            "/denials", (HttpContext http, ProvedBodies bodies, TappingPrograms programs, HeldChallenges held, CancellationToken ct) =>
                programs.AsAsync(http, bodies, ct, async (holder, tap) =>
                    ProvedBodies.Said(await held.DenyAsync(ChallengeHandle.Parse(tap.Challenge!, null), holder, tap.Prompt, ct))));
    }
}

/// <summary>Finds the credential that a program holds, by the key that signed its request.</summary>
internal sealed class TappingPrograms(Contexts contexts, CredentialVault vault)
{
    public async Task<IResult> AsAsync(
        HttpContext http, ProvedBodies bodies, CancellationToken ct, Func<DeviceHolder, TapRequest, Task<IResult>> act)
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
