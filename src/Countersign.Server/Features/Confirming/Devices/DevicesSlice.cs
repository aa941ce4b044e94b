using Countersign.Server.Features.Confirming.Challenges;
using Countersign.Server.Features.Confirming.Devices.Tiers;
using Countersign.Server.Features.Confirming.DeviceSettings;
using Microsoft.Extensions.Options;

namespace Countersign.Server.Features.Confirming.Devices;

internal static class DevicesSlice
{
    /// <summary>What is common to all devices. Each kind adds itself.</summary>
    public static IServiceCollection AddDevices(this IServiceCollection services)
    {
        services.AddOptions<DeviceOptions>().BindConfiguration(DeviceOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<DeviceOptions>, DeviceOptionsValidator>();
        services.AddOptions<TierOptions>().BindConfiguration(TierOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<TierOptions>, TierOptionsValidator>();
        services.AddSingleton<DeviceViews>();
        services.AddSingleton<DeviceCounters>();
        services.AddSingleton<DeviceTiers>();
        services.AddSingleton<DeviceStrength>();
        services.AddSingleton<DeviceHistory>();
        services.AddSingleton<DeviceNotices>();
        services.AddSingleton<AddDevice>();
        services.AddSingleton<EndDevice>();
        services.AddSingleton<RetireThing>();
        services.AddSingleton<ChangeDevices>();
        services.AddSingleton<IPurpose, DeviceChangePurpose>();
        services.AddSingleton<IPurpose, DeviceActivationPurpose>();
        return services;
    }
}
