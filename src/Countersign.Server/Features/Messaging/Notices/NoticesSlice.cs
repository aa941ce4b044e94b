using Countersign.Server.Data;
using Countersign.Server.Features.Ground.Jobs;
using Microsoft.Extensions.Options;

namespace Countersign.Server.Features.Messaging.Notices;

internal static class NoticesSlice
{
    public static IServiceCollection AddNotices(this IServiceCollection services)
    {
        services.AddOptions<NoticeOptions>().BindConfiguration(NoticeOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<NoticeOptions>, NoticeOptionsValidator>();
        services.AddSingleton<NotMe>();
        services.AddSingleton<NoticeGathering>();
        services.AddSingleton<NoticeBoard>();
        services.AddJob<NoticeDigests>();
        services.AddSingleton<IOldRows>(new OldRows<Repudiation>(nameof(Repudiation.ExpiresAt), _ => TimeSpan.Zero));
        return services;
    }
}
