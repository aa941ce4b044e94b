using Countersign.Server.Data;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;

namespace Countersign.Server.Features.Access.Sessions;

internal static class SessionsSlice
{
    public static IServiceCollection AddSessions(this IServiceCollection services)
    {
        services.AddSingleton<NewSession>();
        services.AddSingleton<EndSessions>();
        services.AddSingleton<SessionHandover>();
        services.AddSingleton<FreshSessions>();
        services.AddSingleton<SessionLookup>();
        services.AddAuthentication(SessionAuthentication.SchemeName).AddScheme<AuthenticationSchemeOptions, SessionAuthentication>(
            SessionAuthentication.SchemeName, null);
        services.AddAuthorizationBuilder().SetFallbackPolicy(new AuthorizationPolicyBuilder().RequireAuthenticatedUser().Build());
        services.AddSingleton<IOldRows>(new OldRows<Session>(nameof(Session.ExpiresAt), keep => keep.Sessions));
        return services;
    }
}
