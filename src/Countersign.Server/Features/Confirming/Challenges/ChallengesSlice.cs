using Countersign.Server.Data;
using Countersign.Server.Features.Access.Freezing;
using Countersign.Server.Features.Ground.Signals;

namespace Countersign.Server.Features.Confirming.Challenges;

internal static class ChallengesSlice
{
    public static IServiceCollection AddChallenges(this IServiceCollection services)
    {
        services.AddSingleton<KindCatalog>();
        services.AddSingleton<PurposeCatalog>();
        services.AddSingleton<Openers>();
        services.AddSingleton<IEndsWhenFrozen, ChallengesEndWhenFrozen>();
        services.AddSingleton<ChallengeSignals>();
        services.AddSingleton<ChallengeMeasures>();
        services.AddSingleton<ChallengeReader>();
        services.AddSingleton<StatusReader>();
        services.AddSingleton<SecondFactorFailures>();
        services.AddSingleton<ChallengePrompting>();
        services.AddSingleton<ChallengeSpending>();
        services.AddSingleton<ChallengeDesk>();
        services.AddHostedService<SignalRelay>();
        services.AddSingleton<IOldRows>(new OldRows<Challenge>((rows, keep, now) =>
        {
            var before = now - keep.Challenges;
            return rows.Where(c => c.ExpiresAt < before);
        }));
        return services;
    }
}
