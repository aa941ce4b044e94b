using Countersign.Server.Features.Challenges;
using Countersign.Server.Features.Devices.EmailCodes;
using Countersign.Server.Features.PhoneNumbers;

namespace Countersign.Server.Features.Devices.TextMessages;

internal static class TextMessagesSlice
{
    public static IServiceCollection AddTextMessages(this IServiceCollection services)
    {
        services.AddSingleton<MessageCodes>();
        services.AddSingleton<IDeviceKind, TextMessageKind>();
        services.AddSingleton<IDeviceKind, EmailCodeKind>();
        services.AddSingleton<IPurpose, EmailVerificationPurpose>();
        services.AddSingleton<ConfirmEmail>();
        services.AddSingleton<NumberDevices>();
        services.AddSingleton<INumberDevices>(s => s.GetRequiredService<NumberDevices>());
        services.AddSingleton<AutomaticEnrolment>();
        services.AddHostedService(s => s.GetRequiredService<AutomaticEnrolment>());
        return services;
    }
}
