using Microsoft.Extensions.Options;

namespace Countersign.Server.Features.Confirming.Pins;

internal static class PinsSlice
{
    public static IServiceCollection AddPins(this IServiceCollection services)
    {
        services.AddOptions<PinOptions>().BindConfiguration(PinOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<PinOptions>, PinOptionsValidator>();
        services.AddSingleton(new PinRules(PinRules.House));
        return services.AddSingleton<PinHolderFacts>();
    }
}
