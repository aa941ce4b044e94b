using Countersign.Server.Data;
using Countersign.Server.Features.Devices;

namespace Countersign.Server.Features.Challenges;

/// <summary>What a kind can say about what it confirms (D7).</summary>
internal enum Links
{
    None,
    Binds,
    Shows,
}

/// <summary>What is true of every device of a kind.</summary>
/// <param name="Permanent">False for kinds that bridge a gap.</param>
/// <param name="Physical">Whether it is a thing of its own.</param>
/// <param name="Issuable">False for legacy kinds, which are honoured and never issued.</param>
/// <param name="CostsMessage">Whether using it sends a message that costs money.</param>
/// <param name="Links">What it shows or binds.</param>
/// <param name="Amr">RFC 8176 method names.</param>
/// <param name="Strength">Order among kinds; larger is stronger.</param>
internal sealed record KindTraits(bool Permanent, bool Physical, bool Issuable, bool CostsMessage, Links Links, IReadOnlyList<string> Amr, int Strength);

/// <summary>A device as a kind and a purpose see it.</summary>
/// <param name="State">The kind's own, opened.</param>
internal sealed record DeviceView(
    Guid UserId, Guid Id, string Kind, string Serial, string Label, DeviceStatus Status, long Position, byte[] State, DateTimeOffset? ActivatedAt, DateTimeOffset? TrustedAt,
    DateTimeOffset? LastUsedAt)
{
    /// <summary>Whether it may answer: an active device, or for a purpose that activates one that waits for it.</summary>
    public bool Answers(IPurpose purpose) => Status == (purpose.Activates ? DeviceStatus.Ordered : DeviceStatus.Active);
}

/// <summary>What a device kind has put to the person, to be kept with the challenge.</summary>
/// <param name="State">The kind's own; stored protected.</param>
internal sealed record Prompt(byte[] State);

/// <summary>What a kind says of a response.</summary>
internal abstract record Verdict
{
    /// <summary>Right. <paramref name="Position"/>, where the kind has one, must be past the device's and is spent with the try.</summary>
    internal sealed record Accepted(long? Position = null) : Verdict;

    /// <summary>Wrong: charged.</summary>
    internal sealed record Wrong : Verdict;

    /// <summary>Cannot be a response of this kind: told, not charged.</summary>
    internal sealed record Malformed(Error Error) : Verdict;
}

/// <summary>A kind of device: its prompt and its check. It never knows what a challenge is for.</summary>
internal interface IDeviceKind
{
    /// <summary>Stable, in database, API, addresses and texts, such as <c>code-card</c>.</summary>
    string Id { get; }

    KindTraits Traits { get; }

    /// <summary>Why this device cannot be used for this challenge now; null when it can.</summary>
    Error? Unavailable(DeviceView device, ChallengeView challenge);

    /// <summary>Prompts the person. Runs in a unit of work. <paramref name="earlier"/> is the prompt of the same device in this challenge, if it was chosen before: it is shown again, never replaced.</summary>
    Task<Prompt> PromptAsync(DeviceView device, ChallengeView challenge, Prompt? earlier, CountersignDbContext db, CancellationToken ct);

    /// <summary>Checks a response. Reads and arithmetic only; the engine spends and charges.</summary>
    ValueTask<Verdict> CheckAsync(DeviceView device, ChallengeView challenge, Prompt prompt, string response, CancellationToken ct);

    /// <summary>The model of the kind's part of the page: what may be shown of a prompt.</summary>
    object Show(DeviceView device, ChallengeView challenge, Prompt prompt);
}

/// <summary>A kind whose prompt can be put to the person once more, such as a message that did not come.</summary>
internal interface IRepeatablePrompt
{
    /// <summary>Repeats the prompt in a unit of work, or says why not yet. <paramref name="by"/> names another way to the same device, such as a call; null is the usual one.</summary>
    Task<Result<Prompt>> RepeatAsync(DeviceView device, ChallengeView challenge, Prompt earlier, string? by, CountersignDbContext db, CancellationToken ct);
}
