using Countersign.Server.Features.Confirming.Challenges;

namespace Countersign.Server.Features.SigningIn.SignIn;

internal static class SignInSlice
{
    public static IServiceCollection AddSignIn(this IServiceCollection services)
    {
        services.AddSingleton<PasswordRations>();
        services.AddSingleton<KnownBrowsers>();
        services.AddSingleton<NamedUsers>();
        services.AddSingleton<PasswordRecord>();
        services.AddSingleton<CheckPassword>();
        services.AddSingleton<RightPassword>();
        services.AddSingleton<BeginSignIn>();
        services.AddSingleton<WithoutDevice>();
        services.AddSingleton<SignInBrowser>();
        services.AddSingleton<PasskeySignIn>();
        services.AddSingleton<AnswerWithPasskey>();
        return services.AddPurpose<SignInPurpose>();
    }
}
