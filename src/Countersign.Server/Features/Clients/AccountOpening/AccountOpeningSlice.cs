using Countersign.Server.Data;
using Countersign.Server.Data.Protection;
using Microsoft.Extensions.Options;

namespace Countersign.Server.Features.Clients.AccountOpening;

internal static class AccountOpeningSlice
{
    public static IServiceCollection AddAccountOpening(this IServiceCollection services)
    {
        services.AddOptions<AccountApplicationOptions>().BindConfiguration(AccountApplicationOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<AccountApplicationOptions>, AccountApplicationOptionsValidator>();
        services.AddSingleton<AccountApplicationRules>();
        services.AddSingleton<IKeyedRows>(AccountApplication.AnswersColumn);
        services.AddSingleton<AccountApplications>();
        services.AddSingleton<Applicants>();
        services.AddSingleton<BeginAccountApplication>();
        services.AddSingleton<ApplicantNumbers>();
        services.AddSingleton<MobileChallenges>();
        services.AddSingleton<IOldRows, AbandonedApplications>();
        return services;
    }
}
