using Countersign.Server.Features.Clients.NumberSettings;
using Countersign.Server.Features.Confirming.Challenges;
using Countersign.Server.Features.Ground.Jobs;
using Countersign.Server.Features.Kinds.EmailCodes;

namespace Countersign.Server.Features.Kinds.TextMessages;

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
        services.AddJob<AutomaticEnrolment>();
        return services;
    }
}
