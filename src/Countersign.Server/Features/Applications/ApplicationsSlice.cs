namespace Countersign.Server.Features.Applications;

internal static class ApplicationsSlice
{
    public static IServiceCollection AddApplications(this IServiceCollection services) =>
        services.AddSingleton<ApplicationSecrets>().AddSingleton<RegisterApplications>();
}
