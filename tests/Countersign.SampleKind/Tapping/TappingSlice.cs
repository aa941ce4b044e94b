using Countersign.Server.Features.Confirming.Devices;
using Microsoft.AspNetCore.Mvc.ApplicationParts;
using Microsoft.Extensions.DependencyInjection;

namespace Countersign.SampleKind.Tapping;

internal static class TappingSlice
{
    /// <summary>The one line.</summary>
    public static IServiceCollection AddTapping(this IServiceCollection services)
    {
        services.AddRazorPages().ConfigureApplicationPartManager(
            m => m.ApplicationParts.Add(new CompiledRazorAssemblyPart(typeof(TappingSlice).Assembly)));
        services.AddSingleton<TappingPrograms>();
        return services.AddSingleton<IDeviceKind, TappingKind>();
    }
}
