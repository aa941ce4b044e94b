using Countersign.Server.Features.Confirming.Challenges;

namespace Countersign.Server.Features.SigningIn.SignIn;

internal static class SignInSlice
{
    public static IServiceCollection AddSignIn(this IServiceCollection services)
    {
        services.AddSingleton<PasswordRations>();
        services.AddSingleton<KnownBrowsers>();
        services.AddSingleton<CheckPassword>();
        services.AddSingleton<SignedInBrowser>();
        services.AddSingleton<PasskeySignIn>();
        services.AddSingleton<IPurpose, SignInPurpose>();
        return services;
    }
}
