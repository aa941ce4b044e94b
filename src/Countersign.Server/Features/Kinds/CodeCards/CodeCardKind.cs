using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Countersign.Server.Data;
using Countersign.Server.Features.Confirming.Challenges;
using Countersign.Server.Features.Registry.Users;
using Microsoft.Extensions.Options;

namespace Countersign.Server.Features.Kinds.CodeCards;

/// <summary>What a prompt remembers: after how many right answers it was given. Which cells that asks, only the card knows.</summary>
internal sealed record CardPrompt(long Position);

/// <summary>What the page of a card shows.</summary>
/// <param name="Asked">Index numbers of the two cells.</param>
/// <param name="Left">How often the card can still be used, where that is told.</param>
/// <param name="Moved">Whether the card was used elsewhere since it was asked for here.</param>
internal sealed record CardView(CellPair Asked, long? Left, bool Moved);

/// <summary>
/// A printed card: two index numbers are shown, and the values under them are typed together (S11). The two stay the same until
/// they were answered rightly, whoever opens or cancels what, because they follow from the card's key and from how many right
/// answers it has given (D5); that number is the thing's own, whichever user it answers for (D11).
/// </summary>
internal sealed class CodeCardKind(CardRegister register, IOptions<CodeCardOptions> options) : IAddableKind, IRepeatablePrompt
{
    public const string KindId = "code-card";

    /// <summary>From how few uses on the page says that a new device will be needed.</summary>
    public const int FewLeft = 20;

    public string Id => KindId;

    public KindTraits Traits { get; } = new(Permanent: true, Physical: true, Issuable: false, CostsMessage: false, Links.None, Strength: 30, Icon: "card");

    public Type Texts => typeof(CodeCardText);

    public bool AsksFirst => true;

    public Error? Unavailable(DeviceView device, ChallengeView challenge) => device.Position < Uses(CodeCard.Read(device.State)) ? null : CodeCardErrors.UsedUp;

    public Task<Error?> RefusesAsync(UserView user, string? typed, CountersignDbContext db, CancellationToken ct) => register.RefusesAsync(db, user.Id, typed, ct);

    public Task<Result<NewDevice>> PrepareAsync(UserView user, string? typed, CountersignDbContext db, CancellationToken ct) => register.TakeAsync(db, user.Id, typed, ct);

    public Task<Prompt> PromptAsync(DeviceView device, ChallengeView challenge, Prompt? earlier, CountersignDbContext db, CancellationToken ct) => Task.FromResult(earlier ?? PromptOf(device));

    /// <summary>Asks for the next two once the card was used elsewhere. Nothing else ever leads to other cells.</summary>
    public Task<Result<Prompt>> RepeatAsync(DeviceView device, ChallengeView challenge, Prompt earlier, string? by, CountersignDbContext db, CancellationToken ct) =>
        Task.FromResult<Result<Prompt>>(PositionOf(earlier) == device.Position ? CodeCardErrors.NotMoved : Unavailable(device, challenge) is { } refusal ? refusal : PromptOf(device));

    public ValueTask<Verdict> CheckAsync(DeviceView device, ChallengeView challenge, Prompt prompt, string response, CancellationToken ct)
    {
        if (!CardWriting.TryReadAnswer(response, out var values))
        {
            return new(new Verdict.Malformed(CodeCardErrors.SixCharacters));
        }

        var card = CodeCard.Read(device.State);
        if (device.Position >= Uses(card))
        {
            return new(new Verdict.Malformed(CodeCardErrors.UsedUp));
        }

        // Both values in one comparison, also where the card has moved on: the time says nothing of either.
        var (first, second) = card.Schedule.At(device.Position);
        var right = CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(values), Encoding.ASCII.GetBytes(string.Concat(card[first], card[second])));
        return new(right & (PositionOf(prompt) == device.Position) ? new Verdict.Accepted(device.Position + 1, Last: device.Position + 1 >= Uses(card)) : new Verdict.Wrong());
    }

    public object Show(DeviceView device, ChallengeView challenge, Prompt prompt)
    {
        var card = CodeCard.Read(device.State);
        var left = Uses(card) - device.Position;
        return new CardView(card.Schedule.At(PositionOf(prompt)), left <= FewLeft ? left : null, PositionOf(prompt) != device.Position);
    }

    /// <summary>How many right answers a card may give.</summary>
    private int Uses(CodeCard card) => Math.Min(options.Value.MostUses, card.Schedule.Pairs);

    private static long PositionOf(Prompt prompt) => JsonSerializer.Deserialize(prompt.State, CodeCardsJson.Default.CardPrompt)!.Position;

    private static Prompt PromptOf(DeviceView device) => new(JsonSerializer.SerializeToUtf8Bytes(new CardPrompt(device.Position), CodeCardsJson.Default.CardPrompt));
}
