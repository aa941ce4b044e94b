using Countersign.Server.Features.Confirming.Devices;
using Countersign.Server.Features.Registry.Users;

namespace Countersign.Server.Features.Confirming.Challenges;

/// <summary>A challenge as pages and programs see it: nothing in it is secret.</summary>
/// <param name="KindId">The kind of what is asked; null while nothing is.</param>
/// <param name="Device">The device that is asked; null as well where a credential without one is.</param>
/// <param name="Prompt">What its person is shown; null as well where what is stored does not open.</param>
/// <param name="Refusal">Error code for which the purpose refused, once it was approved.</param>
internal sealed record OpenChallenge(
    ChallengeHandle Handle,
    UserView User,
    string Purpose,
    string Statement,
    DateTimeOffset ExpiresAt,
    ChallengeState State,
    int PromptNo,
    string? KindId,
    DeviceView? Device,
    PromptView? Prompt, string? Refusal)
{
    /// <summary>Whether its opener can still go on with it.</summary>
    public bool IsLive => State is ChallengeState.Pending or ChallengeState.Prompted or ChallengeState.Approved;
}

/// <summary>A device in the picker.</summary>
/// <param name="Current">The one that is asked.</param>
/// <param name="Refusal">Why it cannot answer this challenge; null when it can.</param>
internal sealed record Choice(DeviceView Device, KindTraits Traits, bool Current, Error? Refusal);

/// <summary>What came of a response, or of using an approval.</summary>
internal abstract record Answered<TSubject, TResult>
{
    /// <summary>Right, and the purpose was carried out.</summary>
    internal sealed record Completed(TSubject Subject, TResult Value) : Answered<TSubject, TResult>;

    /// <summary>Wrong and charged; the challenge can still be answered.</summary>
    internal sealed record Wrong(Error Error) : Answered<TSubject, TResult>;

    /// <summary>No effect, or the end of the challenge; the error says which and what to do.</summary>
    /// <param name="Looked">Whether the response was looked at, and so charged.</param>
    internal sealed record Refused(Error Error, bool Looked) : Answered<TSubject, TResult>;
}
