using Countersign.Server.Features.Confirming.Devices;
using Microsoft.AspNetCore.Mvc.ApplicationParts;
using Microsoft.Extensions.DependencyInjection;

namespace Countersign.SampleKind.Doubling;

internal static class DoublingSlice
{
    /// <summary>The one line. Only a kind of another assembly has to bring its pages' parts along.</summary>
    public static IServiceCollection AddDoubling(this IServiceCollection services)
    {
        services.AddRazorPages().ConfigureApplicationPartManager(
            m => m.ApplicationParts.Add(new CompiledRazorAssemblyPart(typeof(DoublingSlice).Assembly)));
        return services.AddSingleton<IDeviceKind, DoublingKind>();
    }
}
