using System.Collections.Immutable;
using System.Security.Claims;
using Microsoft.AspNetCore;
using Microsoft.AspNetCore.Http.HttpResults;
using OpenIddict.Abstractions;
using OpenIddict.Server.AspNetCore;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace Countersign.Server.Features.Platforms.OpenId;

/// <summary>Says who the token is about, once OpenIddict has checked client, secret, grant and scopes.</summary>
internal static class IssueToken
{
    public static async Task<SignInHttpResult> Run(HttpContext http, IOpenIddictApplicationManager applications, CancellationToken ct)
    {
        var request = http.GetOpenIddictServerRequest() ?? throw new InvalidOperationException("OpenIddict has not seen the request.");
        var application = await applications.FindByClientIdAsync(request.ClientId!, ct)
            ?? throw new InvalidOperationException("The application went away within the request.");
        var identity = new ClaimsIdentity(OpenIddictServerAspNetCoreDefaults.AuthenticationScheme, Claims.Name, Claims.Role);
        identity.SetClaim(Claims.Subject, request.ClientId);

        // Without a scope the client means all that it may have.
        var scopes = request.GetScopes();
        identity.SetScopes(scopes.Length > 0 ? scopes : await AllAsync(applications, application, ct));
        identity.SetResources(OpenIdSlice.Audience);
        return TypedResults.SignIn(
            new ClaimsPrincipal(identity), authenticationScheme: OpenIddictServerAspNetCoreDefaults.AuthenticationScheme);
    }

    private static async Task<ImmutableArray<string>> AllAsync(
        IOpenIddictApplicationManager applications, object application, CancellationToken ct) =>
        [.. (await applications.GetPermissionsAsync(application, ct))
            .Where(p => p.StartsWith(Permissions.Prefixes.Scope, StringComparison.Ordinal))
            .Select(p => p[Permissions.Prefixes.Scope.Length..])];
}
