using Countersign.Server.Features.Confirming.Challenges;
using Microsoft.Extensions.DependencyInjection;

namespace Countersign.SampleKind.Promising;

internal static class PromisingSlice
{
    /// <summary>The one line.</summary>
    public static IServiceCollection AddPromising(this IServiceCollection services) =>
        services.AddSingleton<ProvedBodies>().AddPurpose<PromisePurpose>();
}
