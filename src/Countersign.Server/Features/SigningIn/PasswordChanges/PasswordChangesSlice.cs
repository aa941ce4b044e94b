using Countersign.Server.Features.Confirming.Challenges;

namespace Countersign.Server.Features.SigningIn.PasswordChanges;

internal static class PasswordChangesSlice
{
    public static IServiceCollection AddPasswordChanges(this IServiceCollection services) =>
        services.AddSingleton<ChangePassword>().AddSingleton<OpenPasswordChange>().AddPurpose<PasswordChangePurpose>();
}
