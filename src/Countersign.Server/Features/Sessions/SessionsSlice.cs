using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;

namespace Countersign.Server.Features.Sessions;

internal static class SessionsSlice
{
    public static IServiceCollection AddSessions(this IServiceCollection services)
    {
        services.AddSingleton<NewSession>();
        services.AddSingleton<EndSessions>();
        services.AddAuthentication(SessionAuthentication.SchemeName).AddScheme<AuthenticationSchemeOptions, SessionAuthentication>(SessionAuthentication.SchemeName, null);
        services.AddAuthorizationBuilder().SetFallbackPolicy(new AuthorizationPolicyBuilder().RequireAuthenticatedUser().Build());
        return services;
    }
}
