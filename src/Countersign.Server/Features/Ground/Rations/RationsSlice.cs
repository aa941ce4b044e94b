using Countersign.Server.Data;

namespace Countersign.Server.Features.Ground.Rations;

internal static class RationsSlice
{
    public static IServiceCollection AddRations(this IServiceCollection services)
    {
        services.AddSingleton<Rationing>();
        return services.AddSingleton<IOldRows>(new OldRows<Ration>(nameof(Ration.LastAt), keep => keep.Rations));
    }
}
