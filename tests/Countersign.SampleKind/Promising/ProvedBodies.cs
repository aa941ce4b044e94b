using System.Text.Json;
using Countersign.Server;
using Countersign.Server.Features.Confirming.Challenges.Programs;
using Microsoft.AspNetCore.Http;

namespace Countersign.SampleKind.Promising;

/// <summary>A body and the proof that came with it.</summary>
internal sealed record ProvedBody<T>(ProvedRequest Request, T Body);

/// <summary>Reads JSON bodies of requests that a program signed.</summary>
internal sealed class ProvedBodies(ProgramOpeners openers)
{
    private static readonly JsonSerializerOptions Web = new(JsonSerializerDefaults.Web);

    public async Task<Result<ProvedBody<T>>> ReadAsync<T>(HttpContext http, CancellationToken ct)
    {
        using var body = new MemoryStream();
        await http.Request.Body.CopyToAsync(body, ct);
        var bytes = body.ToArray();
        var proved = await openers.ReadAsync(http, bytes, ct);
        return !proved.Succeeded ? proved.Error : new ProvedBody<T>(proved.Value, JsonSerializer.Deserialize<T>(bytes, Web)!);
    }

    /// <summary>200 with nothing, or the refusal's code.</summary>
    public static IResult Said(Error? refusal) => refusal is null
        ? Results.Ok()
        : Results.Json(
            new { code = refusal.Code },
            statusCode: refusal.Kind == ErrorKind.Missing ? StatusCodes.Status404NotFound : StatusCodes.Status409Conflict);
}
