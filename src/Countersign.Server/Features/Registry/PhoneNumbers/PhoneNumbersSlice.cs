using Microsoft.Extensions.Options;

namespace Countersign.Server.Features.Registry.PhoneNumbers;

internal static class PhoneNumbersSlice
{
    public static IServiceCollection AddPhoneNumbers(this IServiceCollection services)
    {
        services.AddOptions<PhoneNumberOptions>().BindConfiguration(PhoneNumberOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<PhoneNumberOptions>, PhoneNumberOptionsValidator>();
        return services.AddSingleton<NumberRules>();
    }
}
