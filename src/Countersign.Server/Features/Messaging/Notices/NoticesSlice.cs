using Countersign.Server.Data;

namespace Countersign.Server.Features.Messaging.Notices;

internal static class NoticesSlice
{
    public static IServiceCollection AddNotices(this IServiceCollection services)
    {
        services.AddSingleton<NotMe>();
        services.AddSingleton<NoticeBoard>();
        services.AddSingleton<IOldRows>(new OldRows<Repudiation>(nameof(Repudiation.ExpiresAt), _ => TimeSpan.Zero));
        return services;
    }
}
