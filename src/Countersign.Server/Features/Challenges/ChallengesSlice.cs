namespace Countersign.Server.Features.Challenges;

internal static class ChallengesSlice
{
    public static IServiceCollection AddChallenges(this IServiceCollection services)
    {
        services.AddSingleton<KindCatalog>();
        services.AddSingleton<PurposeCatalog>();
        services.AddSingleton<ChallengeSignals>();
        services.AddSingleton<ChallengeReader>();
        services.AddSingleton<StatusReader>();
        services.AddSingleton<SecondFactorFailures>();
        services.AddSingleton<ChallengeEngine>();
        services.AddSingleton<ChallengeDesk>();
        services.AddHostedService<SignalRelay>();
        return services;
    }
}
