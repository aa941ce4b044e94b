using Countersign.Server.Features.Confirming.Challenges;
using Countersign.Server.Features.Confirming.Devices;

namespace Countersign.Server.Features.Kinds.EmailCodes;

internal static class EmailCodesSlice
{
    public static IServiceCollection AddEmailCodes(this IServiceCollection services)
    {
        services.AddSingleton<IDeviceKind, EmailCodeKind>();
        services.AddPurpose<EmailVerificationPurpose>();
        return services.AddSingleton<ConfirmEmail>();
    }
}
