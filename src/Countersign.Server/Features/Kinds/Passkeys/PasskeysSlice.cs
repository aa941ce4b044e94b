using Countersign.Server.Data;
using Countersign.Server.Data.Protection;
using Countersign.Server.Features.Confirming.Challenges;
using Countersign.Server.Features.Confirming.Devices;
using Countersign.Server.Features.Kinds.Passkeys.Alone;
using Microsoft.Extensions.Options;

namespace Countersign.Server.Features.Kinds.Passkeys;

internal static class PasskeysSlice
{
    public static IServiceCollection AddPasskeys(this IServiceCollection services)
    {
        services.AddOptions<PasskeyOptions>().BindConfiguration(PasskeyOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<PasskeyOptions>, PasskeyOptionsValidator>();
        services.AddSingleton<RelyingParty>();
        services.AddSingleton<PasskeyVerifier>();
        services.AddSingleton<HeldPasskeys>();
        services.AddSingleton<PasskeyFacts>();
        services.AddSingleton<PasskeyKind>();
        services.AddSingleton<IDeviceKind>(s => s.GetRequiredService<PasskeyKind>());
        services.AddSingleton<IKeyedRows>(PasskeyCeremony.StateColumn);
        services.AddSingleton<PasskeyCeremonies>();
        services.AddSingleton<LookAtPasskey>();
        services.AddSingleton<AloneSwitch>();
        services.AddSingleton<ChangeAlone>();
        services.AddPurpose<AlonePurpose>();
        return services.AddSingleton<IOldRows>(new OldRows<PasskeyCeremony>(nameof(PasskeyCeremony.ExpiresAt), _ => TimeSpan.Zero));
    }
}
