using Countersign.Server.Http;
using Microsoft.Extensions.Options;

namespace Countersign.Server.Features.Registry.Offices;

internal static class OfficesSlice
{
    public static IServiceCollection AddOffices(this IServiceCollection services)
    {
        services.AddOptions<ClientServicesOptions>().BindConfiguration(ClientServicesOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<ClientServicesOptions>, ClientServicesOptionsValidator>();
        return services.AddSingleton(
            s => OfficeDirectory.Load(
                s.GetRequiredService<IOptions<ClientServicesOptions>>().Value.File, s.GetRequiredService<ServeMode>()));
    }
}
