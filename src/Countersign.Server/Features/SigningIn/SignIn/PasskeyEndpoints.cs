using System.Text.Json;
using System.Text.Json.Serialization;
using Countersign.Server.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Localization;

namespace Countersign.Server.Features.SigningIn.SignIn;

/// <summary>A request for any passkey, as the sign-in page's script takes it.</summary>
internal sealed record AskedForPasskey(
    [property: JsonPropertyName("ceremony")] Guid Ceremony, [property: JsonPropertyName("publicKey")] JsonElement PublicKey);

/// <summary>Begins a sign-in by a passkey alone, when the person asks for it: a look at the sign-in page leaves no row.</summary>
internal static class PasskeyEndpoints
{
    public static void MapPasskeySignIn(this IEndpointRouteBuilder routes) =>
        routes.MapPost("/sign-in/passkey/ceremonies", BeginAsync).AllowAnonymous().RequireRateLimiting(HttpSlice.CostlyPolicy).WithTags(
            "Sign-in");

    /// <param name="form">Has to be the sign-in page's: its token is checked.</param>
    private static async Task<Results<Ok<AskedForPasskey>, ProblemHttpResult>> BeginAsync(
        HttpContext http, IFormCollection form, PasskeySignIn signIn, SignInBrowser browser, IStringLocalizer<ErrorText> errors,
        CancellationToken ct)
    {
        _ = form;
        var begun = await signIn.BeginAsync(browser.From(http), ct);
        return begun.Succeeded
            ? TypedResults.Ok(new AskedForPasskey(begun.Value.Id, JsonElement.Parse(begun.Value.Options)))
            : errors.Problem(begun.Error);
    }
}
