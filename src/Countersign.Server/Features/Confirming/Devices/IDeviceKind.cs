using Countersign.Server.Data;
using Countersign.Server.Features.Registry.Users;

namespace Countersign.Server.Features.Confirming.Devices;

/// <summary>What a prompt of a kind can say about what it confirms, and promises no more than that (D7).</summary>
internal enum Links
{
    None,

    /// <summary>Stops re-use and edits, not a lying page.</summary>
    Tied,

    /// <summary>The person types digits of the payee into the device.</summary>
    Typed,

    /// <summary>The device shows the text on a screen of its own.</summary>
    Shows,
}

/// <summary>By which way a kind reaches the person.</summary>
internal enum KindChannel
{
    None,
    Sms,
    Mail,
    Push,
}

/// <summary>What is true of every device of a kind.</summary>
/// <param name="Permanent">False for kinds that bridge a gap.</param>
/// <param name="Physical">Whether it is a thing of its own.</param>
/// <param name="Issuable">False for legacy kinds, which are honoured and never issued.</param>
/// <param name="Channel">How it reaches the person.</param>
/// <param name="Links">What it shows or ties.</param>
/// <param name="Strength">
/// Its level; of two on one level neither is stronger (D2). 0: codes by e-mail. 1: codes by SMS, temporary ones, printed ones that the
/// client prints. 2: code cards, authenticator apps, phone apps, passkeys. 3: cards for challenge and response. 4: those with a PIN.
/// </param>
/// <param name="Icon">Name of a picture in <c>wwwroot/icons</c>.</param>
internal sealed record KindTraits(bool Permanent, bool Physical, bool Issuable, KindChannel Channel, Links Links, int Strength, string Icon)
{
    /// <summary>Whether using it sends a message that costs money.</summary>
    public bool CostsMessage => Channel == KindChannel.Sms;

    /// <summary>Whether its credentials are addresses: such a one outlives the device that stands for it.</summary>
    public bool IsAddress => Channel is KindChannel.Sms or KindChannel.Mail;
}

/// <summary>What a device kind has put to the person, to be kept with the challenge.</summary>
/// <param name="State">The kind's own; stored protected.</param>
internal sealed record Prompt(byte[] State);

/// <summary>What a kind says of a response.</summary>
internal abstract record Verdict
{
    /// <summary>
    /// Right. <paramref name="Position"/>, where the kind has one, must be past the credential's and is spent with the try;
    /// <paramref name="State"/> takes the place of the credential's. After the <paramref name="Last"/> one it is retired.
    /// </summary>
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
    Error Wrong => DeviceErrors.WrongResponse;

    /// <summary>
    /// Which tier of <c>Tiers</c> a device of this credential has once it is trusted. Kinds with more than one sort of device say
    /// which this is.
    /// </summary>
    string TierOf(OpenedCredential credential) => Id;

    /// <summary>Why this credential cannot answer now; null when it can.</summary>
    Error? Unavailable(OpenedCredential credential, Ask ask) => null;

    /// <summary>
    /// Prompts the person. Runs in a unit of work. <paramref name="earlier"/> is the prompt of the same credential in this challenge,
    /// if it was chosen before: it is shown again, never replaced.
    /// </summary>
    Task<Prompt> PromptAsync(OpenedCredential credential, Ask ask, Prompt? earlier, CountersignDbContext db, CancellationToken ct);

    /// <summary>Checks a response. Reads and arithmetic only; the engine spends and charges.</summary>
    ValueTask<Verdict> CheckAsync(OpenedCredential credential, Ask ask, Prompt prompt, string response, CancellationToken ct);

    /// <summary>What may be shown of a prompt. What it needs stands in the prompt.</summary>
    PromptView Show(CredentialView credential, Prompt prompt);
}

/// <summary>
/// A kind with settings of its own on the page of a device: <c>_Settings.cshtml</c> in its folder, with the
/// <see cref="DeviceView"/> as model.
/// </summary>
internal interface IKindWithSettings : IDeviceKind;

/// <summary>A kind whose prompt can be put to the person once more, such as a message that did not come.</summary>
internal interface IRepeatablePrompt
{
    /// <summary>
    /// Repeats the prompt in a unit of work, or says why not yet. <paramref name="by"/> names another way to the same device, such
    /// as a call; null is the usual one.
    /// </summary>
    Task<Result<Prompt>> RepeatAsync(
        OpenedCredential credential, Ask ask, Prompt earlier, string? by, CountersignDbContext db, CancellationToken ct);
}

/// <summary>What a new device stands for, before it has shown that it is in the person's hands.</summary>
internal abstract record Prepared
{
    /// <summary>A credential of the user's own, made now.</summary>
    /// <param name="State">The kind's own; stored protected.</param>
    internal sealed record Made(byte[] State) : Prepared;

    /// <summary>A thing that is in the person's hands.</summary>
    /// <param name="ShippedId">The user's device that was on its way and has now arrived; null: it becomes a new one.</param>
    internal sealed record Taken(CredentialView Credential, Guid? ShippedId) : Prepared;
}

/// <summary>
/// A kind that clients add themselves. A device agrees first; then a row waits, and the new device itself answers a challenge.
/// The page for that is <c>_Activate.cshtml</c> in the kind's folder, and <c>_Add.cshtml</c> holds the field <c>typed</c> where the
/// kind asks for something first.
/// </summary>
internal interface IAddableKind : IDeviceKind
{
    /// <summary>Whether the kind asks for something before a device agrees, such as a serial number.</summary>
    bool AsksFirst => false;

    /// <summary>
    /// Why this device cannot be added, before anybody is asked to agree; null when it can. Changes nothing, but may count how
    /// often it had to refuse.
    /// </summary>
    Task<Error?> RefusesAsync(UserView user, string? typed, CountersignDbContext db, CancellationToken ct) => Task.FromResult<Error?>(null);

    /// <summary>Makes or takes what answers, in the unit in which a device has agreed.</summary>
    Task<Result<Prepared>> PrepareAsync(UserView user, string? typed, CountersignDbContext db, CancellationToken ct);
}
