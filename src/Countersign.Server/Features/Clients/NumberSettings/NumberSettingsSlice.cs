using Countersign.Server.Features.Confirming.Challenges;

namespace Countersign.Server.Features.Clients.NumberSettings;

internal static class NumberSettingsSlice
{
    public static IServiceCollection AddNumberSettings(this IServiceCollection services)
    {
        services.AddSingleton<ChangeNumbers>();
        services.AddSingleton<NumberNotices>();
        services.AddPurpose<NumberChangePurpose>();
        return services.AddPurpose<NumberVerificationPurpose>();
    }
}
