using Countersign.Server.Data;
using Countersign.Server.Data.Protection;
using Countersign.Server.Features.Ground.Jobs;
using Countersign.Server.Features.Messaging.Messages.Gateways;
using Countersign.Server.Features.Messaging.Messages.Receipts;
using Countersign.Server.Http;
using Microsoft.Extensions.Options;

namespace Countersign.Server.Features.Messaging.Messages;

internal static class MessagesSlice
{
    public static IServiceCollection AddMessages(this IServiceCollection services)
    {
        services.AddOptions<MessagesOptions>().BindConfiguration(MessagesOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<MessagesOptions>, MessagesOptionsValidator>();
        services.AddSingleton<IValidateOptions<MessagesOptions>, GatewaysValidator>();
        services.AddSingleton<MessageGateways>();
        services.AddReceipts();
        services.AddSingleton<OutboxSignal>();
        services.AddSingleton<MessageMeasures>();
        services.AddSingleton<MessageNews>();
        services.AddSingleton<IKeyedRows>(Message.ContentColumn);
        services.AddSingleton<Outbox>();
        services.AddSingleton<MessageTexts>();
        services.AddSingleton<OpenChannels>();
        services.AddSingleton<IReadinessCheck>(s => s.GetRequiredService<OpenChannels>());
        services.AddSingleton<MessageRendering>();
        services.AddSingleton<OutboxClaims>();
        services.AddSingleton<GatewayLog>();
        services.AddSingleton<MessageSending>();
        services.AddJob<OutboxSweep>();
        services.AddJob<OutboxGauges>();
        foreach (var (channel, kind) in OutboxSignal.All)
        {
            services.AddSingleton<IJob>(s => new OutboxSender(
                channel, kind, s.GetRequiredService<IOptions<MessagesOptions>>().Value.Places(kind),
                s.GetRequiredService<OutboxClaims>(), s.GetRequiredService<MessageSending>(),
                s.GetRequiredService<OutboxSignal>().Of(channel, kind)));
        }

        services.AddSingleton<IOldRows>(new OldRows<Message>(nameof(Message.CreatedAt), keep => keep.Messages));
        return services;
    }
}
