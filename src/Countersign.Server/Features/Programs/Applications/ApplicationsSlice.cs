using Countersign.Server.Data.Protection;

namespace Countersign.Server.Features.Programs.Applications;

internal static class ApplicationsSlice
{
    public static IServiceCollection AddApplications(this IServiceCollection services) =>
        services.AddSingleton<ApplicationSecrets>()
            .AddSingleton<RegisterApplications>()
            .AddSingleton<IKeyedRows>(new KeyedRows<Application>(
                "application secrets", ApplicationSecrets.Use, KeyRest.Nothing, "run countersign applications rotate-secret",
                (rows, id) => rows.Where(a => a.ClientSecret!.StartsWith(id + ".") || a.PreviousSecret!.StartsWith(id + "."))));
}
