using Countersign.Server.Features.Confirming.Challenges;
using Countersign.Server.Features.Registry.PhoneNumbers;
using Microsoft.Extensions.Options;

namespace Countersign.Server.Features.Clients.NumberSettings;

internal static class PhoneNumbersSlice
{
    public static IServiceCollection AddPhoneNumbers(this IServiceCollection services)
    {
        services.AddOptions<PhoneNumberOptions>().BindConfiguration(PhoneNumberOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<PhoneNumberOptions>, PhoneNumberOptionsValidator>();
        services.AddSingleton<NumberRules>();
        services.AddSingleton<SettledNumbers>();
        services.AddSingleton<ChangeNumbers>();
        services.AddSingleton<IPurpose, NumberChangePurpose>();
        services.AddSingleton<IPurpose, NumberVerificationPurpose>();
        return services;
    }
}
