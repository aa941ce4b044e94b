namespace Countersign.Server.Features.Access.Freezing;

internal static class FreezingSlice
{
    public static IServiceCollection AddFreezing(this IServiceCollection services) =>
        services.AddSingleton<FreezeAccess>().AddSingleton<Repudiate>();
}
