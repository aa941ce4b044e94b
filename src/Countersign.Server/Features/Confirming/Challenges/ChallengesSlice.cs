using Countersign.Server.Data;
using Countersign.Server.Data.Protection;
using Countersign.Server.Features.Access.Freezing;
using Countersign.Server.Features.Access.Sessions;
using Countersign.Server.Features.Confirming.Challenges.Programs;
using Countersign.Server.Features.Confirming.Devices;
using Countersign.Server.Features.Ground.Signals;

namespace Countersign.Server.Features.Confirming.Challenges;

internal static class ChallengesSlice
{
    public static IServiceCollection AddChallenges(this IServiceCollection services)
    {
        services.AddSingleton<IKeyedRows>(Challenge.SubjectColumn);
        services.AddSingleton<IKeyedRows>(Challenge.PromptsColumn);
        services.AddSingleton<PurposeCatalog>();
        services.AddSingleton<ChallengeSignals>();
        services.AddSingleton<ChallengeMeasures>();
        services.AddSingleton<ConsentRules>();
        services.AddSingleton<ChallengeReader>();
        services.AddSingleton<ChallengeOffers>();
        services.AddSingleton<ChallengePrompting>();
        services.AddSingleton<NewChallenges>();
        services.AddSingleton<ChallengeOpening>();
        services.AddSingleton<SecondFactorFailures>();
        services.AddSingleton<AnswerKeys>();
        services.AddSingleton<ResponseLook>();
        services.AddSingleton<ResponseCharging>();
        services.AddSingleton<RepeatAnswer>();
        services.AddSingleton<UseChallenge>();
        services.AddSingleton<AnswerEffects>();
        services.AddSingleton<AnswerChallenge>();
        services.AddSingleton<HeldDecisions>();
        services.AddSingleton<HeldChallenges>();
        services.AddSingleton<AdoptChallenge>();
        services.AddSingleton<EndChallenges>();
        services.AddSingleton<IEndsWithDevice>(s => s.GetRequiredService<EndChallenges>());
        services.AddSingleton<IEndsWithSession>(s => s.GetRequiredService<EndChallenges>());
        services.AddSingleton<IEndsWhenFrozen>(s => s.GetRequiredService<EndChallenges>());
        services.AddSingleton<StatusReader>();
        services.AddSingleton<ShowChallenge>();
        services.AddSingleton<ChangeChallenge>();
        services.AddSingleton<ChallengeSteps>();
        services.AddSingleton<Openers>();
        services.AddSingleton<OpenerCookie>();
        services.AddSingleton<ProgramOpeners>();
        services.AddSingleton<IOldRows>(new OldRows<SpentProof>(nameof(SpentProof.Until), _ => TimeSpan.Zero));
        services.AddHostedService<SignalRelay>();
        services.AddSingleton<IOldRows>(new OldRows<Challenge>(nameof(Challenge.ExpiresAt), keep => keep.Challenges));
        return services;
    }
}
