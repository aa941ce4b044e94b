using Countersign.Server.Features.Confirming.Challenges;

namespace Countersign.Server.Features.SigningIn.Thaw;

internal static class ThawSlice
{
    public static IServiceCollection AddThaw(this IServiceCollection services) =>
        services.AddSingleton<BeginThaw>().AddPurpose<ThawPurpose>();
}
