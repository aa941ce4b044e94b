using Countersign.Server.Features.Challenges;

namespace Countersign.Server.Features.Devices.TextMessages;

internal static class TextMessagesSlice
{
    public static IServiceCollection AddTextMessages(this IServiceCollection services)
    {
        services.AddSingleton<IDeviceKind, TextMessageKind>();
        services.AddSingleton<AutomaticEnrolment>();
        services.AddHostedService(s => s.GetRequiredService<AutomaticEnrolment>());
        return services;
    }
}
