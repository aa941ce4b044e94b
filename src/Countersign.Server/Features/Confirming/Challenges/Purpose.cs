using System.Globalization;
using System.Text.Json;
using Countersign.Protocol.Statements;
using Countersign.Server.Data;
using Countersign.Server.Features.Access.Sessions;
using Countersign.Server.Features.Confirming.Devices;
using Countersign.Server.Features.Ground.Audit;
using Countersign.Server.Features.Ground.Jurisdictions;
using Countersign.Server.Features.Registry.Users;

namespace Countersign.Server.Features.Confirming.Challenges;

/// <summary>The limits of a challenge.</summary>
/// <param name="PromptLifetime">How long a request on a phone waits, within the challenge's own lifetime.</param>
internal sealed record ChallengeRules(TimeSpan Lifetime, TimeSpan PromptLifetime, int Tries)
{
    public static ChallengeRules Of(Regime regime) => new(regime.ChallengeLifetime, regime.PushLifetime, regime.ChallengeTries);
}

/// <summary>What the person agrees to: the exact text and the facts it stands for. Its hash is bound into the challenge.</summary>
internal sealed record Statement(string Text, IReadOnlyList<StatementDetail> Details);

/// <summary>What is true of every challenge of a purpose.</summary>
[Flags]
internal enum PurposeTraits
{
    None = 0,

    /// <summary>It is answered by a credential whose device is not active yet: the answer shows that the person has it.</summary>
    Activates = 1,

    /// <summary>It is open to a user who is frozen: the way back (D26).</summary>
    Thaws = 2,

    /// <summary>Money leaves by it.</summary>
    MovesMoney = 4,

    /// <summary>A new one ends those before it: two must never both be carried out.</summary>
    OneAtATime = 8,

    /// <summary>
    /// It is a way in: it belongs to its browser, not to the session that this may be in. All others that are opened in a session
    /// belong to it (D32).
    /// </summary>
    OutsideSessions = 16,
}

/// <summary>A challenge that was approved, as its purpose sees it.</summary>
/// <param name="Device">What agreed; null where a credential without a device did, such as an address that was being verified.</param>
/// <param name="By">Who uses it, and from where.</param>
/// <param name="KnownBrowser">Whether the opener has signed this user in before.</param>
internal sealed record Approval<TSubject>(
    Guid ChallengeId, UserView User, TSubject Subject, DeviceView? Device, Actor By, bool KnownBrowser)
{
    /// <summary>The id for what comes of it, where that is one thing which needs one.</summary>
    public required Guid ResultId { get; init; }

    /// <summary>
    /// 256 bits that only this challenge and its opener yield, the same each time: for a result that nobody else may have.
    /// </summary>
    public required byte[] Secret { get; init; }

    /// <summary>The session that the opener is in, whoever's it is; null outside one.</summary>
    public BrowserSession? Within { get; init; }

    /// <summary>The approval of a challenge that is used, or was a moment ago.</summary>
    public static Approval<TSubject> Of(TSubject subject, LoadedChallenge challenge, Opener opener, Guid resultId, byte[] secret) =>
        new(
            challenge.Row.Id, challenge.User, subject, challenge.Device, opener.ActsFor(challenge.Row.UserId), challenge.From.Known)
        {
            ResultId = resultId,
            Secret = secret,
            Within = opener.Session,
        };

    /// <summary>The device that agreed, for a purpose that only active ones answer.</summary>
    public DeviceView With =>
        Device ?? throw new InvalidOperationException("No device has agreed to this challenge: its purpose takes a credential.");
}

/// <summary>A reason to open challenges, as the engine sees it: the engine alone reads and writes subjects.</summary>
internal abstract class Purpose
{
    /// <summary>Stable, such as <c>withdrawal</c>.</summary>
    public abstract string Id { get; }

    public virtual PurposeTraits Traits => PurposeTraits.None;

    public virtual ChallengeRules Rules(UserView user) => ChallengeRules.Of(user.Regime);

    /// <summary>What a stored subject says, in the person's language.</summary>
    public abstract Statement Say(ReadOnlySpan<byte> subject, CultureInfo language);

    /// <summary>Who may agree to a stored subject.</summary>
    public abstract Consent Takes(ReadOnlySpan<byte> subject, UserView user);
}

/// <summary>A reason to open challenges. It never knows how a device works.</summary>
/// <typeparam name="TSubject">What is to be done. Kept with the challenge, protected.</typeparam>
/// <typeparam name="TResult">What comes of it.</typeparam>
internal abstract class Purpose<TSubject, TResult> : Purpose
{
    /// <summary>The exact text, in the person's language.</summary>
    public abstract Statement Say(TSubject subject, CultureInfo language);

    /// <summary>
    /// The conditions that must all hold of the device that agrees, when it is offered and again when its approval is used.
    /// </summary>
    public virtual Consent Takes(TSubject subject, UserView user) => Consent.Any;

    /// <summary>Carries the purpose out, in the unit that turns Approved into Used. A refusal is kept, and the code stays spent.</summary>
    public abstract Task<Result<TResult>> CompleteAsync(Approval<TSubject> approved, CountersignDbContext db, CancellationToken ct);

    /// <summary>The id of what came of it, where that is another one than it was given.</summary>
    public virtual Guid? IdOf(TResult result) => null;

    /// <summary>
    /// What came of it, once more, for an opener whose answer was lost (D36). Reads only: nothing is carried out a second time. That
    /// something is done can always be said again; what else a purpose yields it has to find.
    /// </summary>
    public virtual Task<Result<TResult>> AgainAsync(Approval<TSubject> used, CountersignDbContext db, CancellationToken ct) =>
        Task.FromResult((object)Done.Now is TResult done ? (Result<TResult>)done : ChallengeErrors.Ended);

    /// <summary>What is asked of the user.</summary>
    public ChallengeRequest For(UserView user, TSubject subject, CultureInfo language, Opener opener) =>
        new(user, this, JsonSerializer.SerializeToUtf8Bytes(subject), language, opener);

    public static TSubject Read(ReadOnlySpan<byte> subject) => JsonSerializer.Deserialize<TSubject>(subject)!;

    public sealed override Statement Say(ReadOnlySpan<byte> subject, CultureInfo language) => Say(Read(subject), language);

    public sealed override Consent Takes(ReadOnlySpan<byte> subject, UserView user) => Takes(Read(subject), user);
}

/// <summary>What is to be opened: made by <see cref="Purpose{TSubject,TResult}.For"/>.</summary>
internal sealed record ChallengeRequest(UserView User, Purpose Purpose, byte[] Subject, CultureInfo Language, Opener Opener);
