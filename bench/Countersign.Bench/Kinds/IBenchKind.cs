using Countersign.Server.Features.Confirming.Challenges;

namespace Countersign.Bench.Kinds;

/// <summary>A kind of device as the bench has it: one for each user, and what its owner would answer.</summary>
internal interface IBenchKind
{
    string Id { get; }

    /// <summary>Whether an answer keeps until it is typed; else it is made at that moment.</summary>
    bool Keeps { get; }

    /// <summary>Gives the user a device.</summary>
    void Add(Filling filling, BenchUser user, DateTimeOffset now);

    /// <summary>Whether an answer moves a position, behind which nothing is right any more.</summary>
    bool Moves { get; }

    /// <summary>The right answer to a challenge that was prompted on the user's device, as the form sends it.</summary>
    Task<string> AnswerAsync(BenchUser user, ChallengeHandle handle);
}
