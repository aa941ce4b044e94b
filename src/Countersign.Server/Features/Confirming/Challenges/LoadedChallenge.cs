using System.Globalization;
using System.Security.Cryptography;
using Countersign.Protocol.Statements;
using Countersign.Server.Features.Confirming.Devices;
using Countersign.Server.Features.Registry.Users;

namespace Countersign.Server.Features.Confirming.Challenges;

/// <summary>A challenge with all that it takes to go on with it, opened. It stays within the engine.</summary>
/// <param name="State">As it is now: time ends a challenge, and a prompt, without anybody writing it down.</param>
/// <param name="Subject">Only the purpose can read it.</param>
/// <param name="Credential">Null where none is asked, or what is stored of it does not open.</param>
/// <param name="From">Whom the response, or the wish, comes from.</param>
internal sealed record LoadedChallenge(
    Challenge Row, ChallengeState State, UserView User, Purpose Purpose, byte[] Subject, PromptBook Prompts, DeviceView? Device,
    OpenedCredential? Credential, AskedFrom From)
{
    /// <summary>Wrong responses that the asked credential has had in a row from browsers like this one.</summary>
    public int WrongInARow { get; init; }

    public ChallengeHandle Handle => new(Row.UserId, Row.Id);

    public Prompt? Prompt =>
        State is ChallengeState.Prompted or ChallengeState.Approved && Credential is { } asked ? Prompts.Find(asked.Key.Id) : null;

    public bool Activates => Purpose.Traits.HasFlag(PurposeTraits.Activates);

    /// <summary>What a device has to be that it asks.</summary>
    public DeviceStatus Asks => Activates ? DeviceStatus.Waiting : DeviceStatus.Active;

    /// <summary>Whether it is open to a user who is frozen.</summary>
    public bool Thaws => Purpose.Traits.HasFlag(PurposeTraits.Thaws);

    public Ask Ask => new(
        Row.Id, Row.UserId, User.Name, Row.Statement, Row.StatementHash, Purpose.Traits.HasFlag(PurposeTraits.MovesMoney),
        PayeeDigits: 0, Row.Language, User.Regime, Row.ExpiresAt, From, Activates);

    /// <summary>Whether the purpose would still say what the person agrees to: a changed detail voids the confirmation (D8).</summary>
    public bool IsAsStated()
    {
        var statement = Purpose.Say(Subject, CultureInfo.GetCultureInfo(Row.Language));
        return CryptographicOperations.FixedTimeEquals(
            Row.StatementHash, StatementBytes.Hash(Row.Purpose, Row.Language, statement.Text, statement.Details));
    }

    /// <summary>
    /// Whether the asked credential may answer: an active device's, or for a purpose that activates one that waits for it.
    /// </summary>
    public bool MayAnswer => Device is null ? Activates : Device.Status == Asks;

    /// <summary>Whether the asked credential has had too many wrong responses in a row from browsers like this one (D9).</summary>
    public bool IsLocked => WrongInARow >= User.Regime.WrongResponsesInARow;

    /// <summary>Why nothing can be answered any more; null where it can.</summary>
    public Error? Ended => ChallengeErrors.EndedBy(State);
}
