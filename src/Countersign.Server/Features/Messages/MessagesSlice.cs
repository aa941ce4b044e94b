using Countersign.Server.Data;

namespace Countersign.Server.Features.Messages;

internal static class MessagesSlice
{
    public static IServiceCollection AddMessages(this IServiceCollection services)
    {
        services.AddSingleton<OutboxSignal>();
        services.AddSingleton<MessageMeasures>();
        services.AddSingleton<Outbox>();
        services.AddSingleton<MessageTexts>();
        services.AddSingleton<OutboxWorker>();
        services.AddHostedService(s => s.GetRequiredService<OutboxWorker>());
        services.AddHostedService<OutboxGauges>();
        services.AddSingleton<IOldRows>(new OldRows<Message>((rows, keep, now) =>
        {
            var before = now - keep.Messages;
            return rows.Where(m => m.CreatedAt < before);
        }));
        return services;
    }
}
