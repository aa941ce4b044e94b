using Countersign.Server.Data;

namespace Countersign.Server.Features.SigningIn.Release;

internal static class ReleaseSlice
{
    public static IServiceCollection AddRelease(this IServiceCollection services)
    {
        services.AddSingleton<IOldRows>(new OldRows<ReleaseRequest>(nameof(ReleaseRequest.At), _ => OperatorLocks.Wait));
        return services.AddSingleton<OperatorLocks>();
    }
}
