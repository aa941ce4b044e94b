using Countersign.Server.Features.Confirming.Challenges;
using Countersign.Server.Features.Ground.Jobs;

namespace Countersign.Server.Features.Confirming.DeviceSettings;

internal static class DeviceSettingsSlice
{
    public static IServiceCollection AddDeviceSettings(this IServiceCollection services)
    {
        services.AddPurpose<DeviceChangePurpose>();
        services.AddPurpose<DeviceActivationPurpose>();
        services.AddSingleton<AddDevice>();
        services.AddSingleton<EndDevice>();
        services.AddSingleton<NameDevice>();
        services.AddJob<ExpireWaiting>();
        services.AddSingleton<DeviceWords>();
        return services.AddSingleton<ChangeDevices>();
    }
}
