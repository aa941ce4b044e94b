using Countersign.Server.Data;
using Countersign.Server.Features.Challenges;

namespace Countersign.Server.Features.Freezing;

internal static class FreezingSlice
{
    public static IServiceCollection AddFreezing(this IServiceCollection services)
    {
        services.AddSingleton<NotMe>();
        services.AddSingleton<FreezeAccess>();
        services.AddSingleton<BeginThaw>();
        services.AddSingleton<IPurpose, ThawPurpose>();
        services.AddSingleton<IOldRows>(new OldRows<Repudiation>((rows, _, now) => rows.Where(r => r.ExpiresAt < now)));
        return services;
    }
}
