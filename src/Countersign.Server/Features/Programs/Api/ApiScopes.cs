using Microsoft.AspNetCore.Authorization;
using OpenIddict.Abstractions;
using OpenIddict.Validation.AspNetCore;

namespace Countersign.Server.Features.Programs.Api;

/// <summary>What an application may be allowed. A contract: the names stand in registrations and tokens.</summary>
internal static class ApiScopes
{
    public const string AccountsWrite = "accounts.write";
    public const string MessagesWrite = "messages.write";
    public const string RestrictionsRead = "restrictions.read";

    public static readonly IReadOnlyList<string> All = [AccountsWrite, MessagesWrite, RestrictionsRead];

    /// <summary>One policy for each scope: a token of ours that has it.</summary>
    public static void AddPolicies(AuthorizationBuilder authorization)
    {
        foreach (var scope in All)
        {
            authorization.AddPolicy(PolicyOf(scope), p => p
                .AddAuthenticationSchemes(OpenIddictValidationAspNetCoreDefaults.AuthenticationScheme)
                .RequireAuthenticatedUser()
                .RequireAssertion(c => c.User.HasScope(scope)));
        }
    }

    /// <summary>Only applications whose token has the scope.</summary>
    public static TBuilder RequireScope<TBuilder>(this TBuilder builder, string scope)
        where TBuilder : IEndpointConventionBuilder =>
        builder.RequireAuthorization(PolicyOf(scope)).WithMetadata(new ScopeRequired(scope));

    private static string PolicyOf(string scope) => "scope " + scope;
}

/// <summary>The scope of an endpoint, for the answer to whoever lacks it and for the description of the API.</summary>
internal sealed record ScopeRequired(string Scope);
