using Countersign.Server.Features.Confirming.Devices;
using Microsoft.Extensions.Options;

namespace Countersign.Server.Features.Kinds.AuthenticatorApps;

internal static class AuthenticatorAppsSlice
{
    public static IServiceCollection AddAuthenticatorApps(this IServiceCollection services)
    {
        services.AddOptions<AuthenticatorAppOptions>().BindConfiguration(AuthenticatorAppOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<AuthenticatorAppOptions>, AuthenticatorAppOptionsValidator>();
        return services.AddSingleton<IDeviceKind, AuthenticatorAppKind>();
    }
}
