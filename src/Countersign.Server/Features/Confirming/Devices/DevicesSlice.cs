using Countersign.Server.Data.Protection;
using Countersign.Server.Features.Confirming.Devices.Tiers;
using Countersign.Server.Features.Ground.Jobs;
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
        services.AddSingleton<IKeyedRows>(Credential.StateColumn);
        services.AddSingleton<IKeyedRows>(Device.HoldColumn);
        services.AddSingleton<KindCatalog>();
        services.AddSingleton<CredentialVault>();
        services.AddSingleton<CredentialSpending>();
        services.AddSingleton<NewCredentials>();
        services.AddSingleton<AddressCredentials>();
        services.AddSingleton<DeviceTiers>();
        services.AddSingleton<DeviceReach>();
        services.AddSingleton<DeviceHistory>();
        services.AddSingleton<DeviceNotices>();
        services.AddSingleton<DeviceRecord>();
        services.AddSingleton<DevicePolicy>();
        services.AddSingleton<LastDevice>();
        services.AddJob<LossHolds>();
        return services.AddSingleton<DeviceLife>();
    }
}
