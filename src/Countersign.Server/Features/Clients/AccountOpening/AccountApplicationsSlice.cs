using Microsoft.Extensions.Options;

namespace Countersign.Server.Features.Clients.AccountOpening;

internal static class AccountApplicationsSlice
{
    public static IServiceCollection AddAccountApplications(this IServiceCollection services)
    {
        services.AddOptions<ApplicationOptions>().BindConfiguration(ApplicationOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<ApplicationOptions>, ApplicationOptionsValidator>();
        services.AddSingleton<ApplicationRules>();
        services.AddSingleton<ApplicationDesk>();
        services.AddSingleton<BeginApplication>();
        services.AddSingleton<ApplicationNumbers>();
        return services;
    }
}
