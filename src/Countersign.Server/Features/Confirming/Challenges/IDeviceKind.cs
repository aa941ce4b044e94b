using Countersign.Server.Data;
using Countersign.Server.Features.Confirming.Devices;
using Countersign.Server.Features.Registry.Users;

namespace Countersign.Server.Features.Confirming.Challenges;

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
/// <param name="Strength">Order among kinds; larger is stronger.</param>
/// <param name="Icon">Name of a picture in <c>wwwroot/icons</c>.</param>
internal sealed record KindTraits(bool Permanent, bool Physical, bool Issuable, bool CostsMessage, Links Links, int Strength, string Icon);

/// <summary>A device as a kind and a purpose see it.</summary>
/// <param name="Position">What can be used once; of a physical device it is the thing's own, whoever answers with it (D11).</param>
/// <param name="State">The kind's own, opened.</param>
/// <param name="Version">Counts the changes of <paramref name="State"/>.</param>
/// <param name="InheritedTier">The tier that it does not exceed before <paramref name="TrustedAt"/> (D2); null where nothing limits it.</param>
/// <param name="PhysicalId">The thing in the client's hand, where it is a row of its own.</param>
internal sealed record DeviceView(
    Guid UserId, Guid Id, string Kind, string Serial, string Label, DeviceStatus Status, long Position, byte[] State, int Version, DateTimeOffset CreatedAt, DateTimeOffset? ActivatedAt,
    DateTimeOffset? TrustedAt, DateTimeOffset? LastUsedAt, string? InheritedTier, bool Preferred, Guid? PhysicalId)
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
    /// <summary>Right. <paramref name="Position"/>, where the kind has one, must be past the device's and is spent with the try; <paramref name="State"/> takes the place of the device's. After the <paramref name="Last"/> one the thing is retired.</summary>
    internal sealed record Accepted(long? Position = null, byte[]? State = null, bool Last = false) : Verdict;

    /// <summary>Wrong: charged. <paramref name="Reason"/> is for the audit, where a kind can tell more than that.</summary>
    internal sealed record Wrong(string? Reason = null) : Verdict;

    /// <summary>Cannot be a response of this kind: told, not charged.</summary>
    internal sealed record Malformed(Error Error) : Verdict;
}

/// <summary>A kind of device: its prompt and its check. It never knows what a challenge is for.</summary>
internal interface IDeviceKind
{
    /// <summary>Stable, in database, API, addresses and texts, such as <c>code-card</c>.</summary>
    string Id { get; }

    KindTraits Traits { get; }

    /// <summary>Anchor of the kind's own texts. The one named <c>kind</c> is its name.</summary>
    Type Texts { get; }

    /// <summary>What the person is told of a wrong response, with the number of tries left.</summary>
    Error Wrong => ChallengeErrors.Wrong;

    /// <summary>Which tier of <c>Tiers</c> the device has once it is trusted. Kinds with more than one sort of device say which this is.</summary>
    string TierOf(DeviceView device) => Id;

    /// <summary>Why this device cannot be used for this challenge now; null when it can.</summary>
    Error? Unavailable(DeviceView device, ChallengeView challenge);

    /// <summary>Prompts the person. Runs in a unit of work. <paramref name="earlier"/> is the prompt of the same device in this challenge, if it was chosen before: it is shown again, never replaced.</summary>
    Task<Prompt> PromptAsync(DeviceView device, ChallengeView challenge, Prompt? earlier, CountersignDbContext db, CancellationToken ct);

    /// <summary>Checks a response. Reads and arithmetic only; the engine spends and charges.</summary>
    ValueTask<Verdict> CheckAsync(DeviceView device, ChallengeView challenge, Prompt prompt, string response, CancellationToken ct);

    /// <summary>The model of the kind's part of the page: what may be shown of a prompt.</summary>
    object Show(DeviceView device, ChallengeView challenge, Prompt prompt);
}

/// <summary>A kind with settings of its own on the page of a device: <c>_Settings.cshtml</c> in its folder, with the <see cref="DeviceView"/> as model.</summary>
internal interface IKindWithSettings : IDeviceKind;

/// <summary>A kind whose prompt can be put to the person once more, such as a message that did not come.</summary>
internal interface IRepeatablePrompt
{
    /// <summary>Repeats the prompt in a unit of work, or says why not yet. <paramref name="by"/> names another way to the same device, such as a call; null is the usual one.</summary>
    Task<Result<Prompt>> RepeatAsync(DeviceView device, ChallengeView challenge, Prompt earlier, string? by, CountersignDbContext db, CancellationToken ct);
}

/// <summary>What a new device starts with, before it has shown that it is in the person's hands.</summary>
/// <param name="Serial">What tells it from another of its kind; null: nothing but the row does.</param>
/// <param name="State">The kind's own; stored protected. Of a physical device it is empty: its own row has it.</param>
internal sealed record NewDevice(byte[] State, string? Serial = null, Guid? PhysicalId = null)
{
    /// <summary>The user's device that was on its way and has now arrived; null: it becomes a new one.</summary>
    public Guid? ShippedId { get; init; }
}

/// <summary>
/// A kind that clients add themselves. A device agrees first; then a row waits, and the new device itself answers a challenge.
/// The page for that is <c>_Activate.cshtml</c> in the kind's folder, and <c>_Add.cshtml</c> holds the field <c>typed</c> where the kind asks for something first.
/// </summary>
internal interface IAddableKind : IDeviceKind
{
    /// <summary>Whether the kind asks for something before a device agrees, such as a serial number.</summary>
    bool AsksFirst { get; }

    /// <summary>Why this device cannot be added, before anybody is asked to agree; null when it can. Changes nothing, but may count how often it had to refuse.</summary>
    Task<Error?> RefusesAsync(UserView user, string? typed, CountersignDbContext db, CancellationToken ct);

    /// <summary>Makes what the waiting device starts with, in the unit in which a device has agreed.</summary>
    Task<Result<NewDevice>> PrepareAsync(UserView user, string? typed, CountersignDbContext db, CancellationToken ct);
}
