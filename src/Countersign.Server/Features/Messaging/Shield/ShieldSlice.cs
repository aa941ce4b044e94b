using Countersign.Server.Data;
using Countersign.Server.Features.Ground.Jobs;
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
        services.AddSingleton<PrefixStops>();
        services.AddSingleton<MessageBudget>();
        services.AddSingleton<ImportDoNotCall>();
        services.AddSingleton<MessageShield>();
        services.AddSingleton<IOldRows>(new OldRows<AdmittedCode>(nameof(AdmittedCode.At), keep => keep.Messages));
        services.AddJob<ShieldWatch>();
        return services;
    }
}
