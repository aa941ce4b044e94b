namespace Countersign.Server.Features.Messages;

internal static class MessagesSlice
{
    public static IServiceCollection AddMessages(this IServiceCollection services)
    {
        services.AddSingleton<OutboxSignal>();
        services.AddSingleton<Outbox>();
        services.AddSingleton<MessageTexts>();
        services.AddSingleton<OutboxWorker>();
        services.AddHostedService(s => s.GetRequiredService<OutboxWorker>());
        return services;
    }
}
