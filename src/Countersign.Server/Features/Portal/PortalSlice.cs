using Countersign.Server.Features.Audit;

namespace Countersign.Server.Features.Portal;

internal static class PortalSlice
{
    public static IServiceCollection AddPortal(this IServiceCollection services) => services.AddSingleton<History>();
}
