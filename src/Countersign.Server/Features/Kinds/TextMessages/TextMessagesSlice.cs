using Countersign.Server.Features.Confirming.Devices;
using Countersign.Server.Features.Ground.Jobs;

namespace Countersign.Server.Features.Kinds.TextMessages;

internal static class TextMessagesSlice
{
    public static IServiceCollection AddTextMessages(this IServiceCollection services)
    {
        services.AddSingleton<IDeviceKind, TextMessageKind>();
        services.AddSingleton<NumberDevices>();
        services.AddSingleton<IEndsWithDevice, NumberAgreements>();
        services.AddJob<AutomaticEnrolment>();
        return services;
    }
}
