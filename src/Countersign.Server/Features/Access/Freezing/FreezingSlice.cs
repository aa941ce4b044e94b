using Countersign.Server.Data;
using Countersign.Server.Features.Confirming.Challenges;
using Countersign.Server.Features.Messaging.Notices;
using Countersign.Server.Features.SigningIn.Thaw;

namespace Countersign.Server.Features.Access.Freezing;

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
