using Countersign.Server.Features.Ground.Jobs;
using Countersign.Server.Features.Kinds.TextMessages;
using Microsoft.Extensions.Options;

namespace Countersign.Server.Features.Messaging.Shield;

internal static class ShieldSlice
{
    public static IServiceCollection AddShield(this IServiceCollection services)
    {
        services.AddOptions<ShieldOptions>().BindConfiguration(ShieldOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<ShieldOptions>, ShieldOptionsValidator>();
        services.AddOptions<CarrierOptions>().BindConfiguration(CarrierOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<CarrierOptions>, CarrierOptionsValidator>();
        services.AddSingleton<CarrierRules>();
        services.AddSingleton<ShieldFigures>();
        services.AddSingleton<PrefixStops>();
        services.AddSingleton<ImportDoNotCall>();
        services.AddJob<ShieldWatch>();
        services.AddSingleton<ICodeMessageRules, MessageShield>();
        return services;
    }
}
