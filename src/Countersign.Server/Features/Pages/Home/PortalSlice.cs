using Countersign.Server.Features.Access.Sessions;

namespace Countersign.Server.Features.Pages.Home;

internal static class PortalSlice
{
    public static IServiceCollection AddPortal(this IServiceCollection services) => services.AddSingleton<History>();
}
