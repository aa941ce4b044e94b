using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Countersign.Server.Data;
using Countersign.Server.Features.Confirming.Devices;
using Countersign.Server.Features.Registry.Users;
using Microsoft.Extensions.Options;

namespace Countersign.Server.Features.Kinds.CodeCards;

/// <summary>
/// What a prompt remembers: after how many right answers it was given, which cells it asks for, and how often the card could still
/// be used.
/// </summary>
internal sealed record CardPrompt(long Position, int First, int Second, long Left);

/// <summary>
/// A printed card: two index numbers are shown, and the values under them are typed together (S11). The two stay the same until
/// they were answered rightly, whoever opens or cancels what, because they follow from the card's key and from how many right
/// answers it has given (D5); that number is the credential's own, whichever user it answers for (D11).
/// </summary>
internal sealed class CodeCardKind(CardRegister register, IOptions<CodeCardOptions> options) : IAddableKind, IRepeatablePrompt
{
    public const string KindId = "code-card";

    /// <summary>From how few uses on the page says that a new device will be needed.</summary>
    public const int FewLeft = 20;

    public string Id => KindId;

    public KindTraits Traits { get; } = new(
        Permanent: true, Physical: true, Issuable: false, KindChannel.None, Links.None, Strength: 2, Icon: "card");

    public Type Texts => typeof(CodeCardText);

    public bool AsksFirst => true;

    public Error? Unavailable(OpenedCredential credential, Ask ask) =>
        credential.Position < Uses(CodeCard.Read(credential.State)) ? null : CodeCardErrors.UsedUp;

    public Task<Error?> RefusesAsync(UserView user, string? typed, CountersignDbContext db, CancellationToken ct) =>
        register.RefusesAsync(db, user.Id, typed, ct);

    public Task<Result<Prepared>> PrepareAsync(UserView user, string? typed, CountersignDbContext db, CancellationToken ct) =>
        register.TakeAsync(db, user.Id, typed, ct);

    public Task<Prompt> PromptAsync(OpenedCredential credential, Ask ask, Prompt? earlier, CountersignDbContext db, CancellationToken ct) =>
        Task.FromResult(earlier ?? PromptOf(credential));

    /// <summary>Asks for the next two once the card was used elsewhere. Nothing else ever leads to other cells.</summary>
    public Task<Result<Prompt>> RepeatAsync(
        OpenedCredential credential, Ask ask, Prompt earlier, string? by, CountersignDbContext db, CancellationToken ct) =>
        Task.FromResult<Result<Prompt>>(
            Read(earlier).Position == credential.Position
                ? CodeCardErrors.NotMoved
                : Unavailable(credential, ask) is { } refusal
                ? refusal
                : PromptOf(credential));

    public ValueTask<Verdict> CheckAsync(OpenedCredential credential, Ask ask, Prompt prompt, string response, CancellationToken ct)
    {
        if (!CardWriting.TryReadAnswer(response, out var values))
        {
            return new(new Verdict.Malformed(CodeCardErrors.SixCharacters));
        }

        var card = CodeCard.Read(credential.State);
        if (credential.Position >= Uses(card))
        {
            return new(new Verdict.Malformed(CodeCardErrors.UsedUp));
        }

        // Both values in one comparison, also where the card has moved on: the time says nothing of either.
        var (first, second) = card.Schedule.At(credential.Position);
        var right = CryptographicOperations.FixedTimeEquals(
            Encoding.ASCII.GetBytes(values), Encoding.ASCII.GetBytes(string.Concat(card[first], card[second])));
        return new(right & (Read(prompt).Position == credential.Position)
            ? new Verdict.Accepted(credential.Position + 1, Last: credential.Position + 1 >= Uses(card))
            : new Verdict.Wrong());
    }

    public PromptView Show(CredentialView credential, Prompt prompt)
    {
        var asked = Read(prompt);
        return new PromptView(ResponseForm.Characters)
        {
            Length = 2 * CodeCard.CellLength,
            Asked = [asked.First.ToString(CultureInfo.InvariantCulture), asked.Second.ToString(CultureInfo.InvariantCulture)],
            UsesLeft = asked.Left <= FewLeft ? asked.Left : null,
            Stale = asked.Position != credential.Position,
        };
    }

    /// <summary>How many right answers a card may give.</summary>
    private int Uses(CodeCard card) => Math.Min(options.Value.MostUses, card.Schedule.Pairs);

    private Prompt PromptOf(OpenedCredential credential)
    {
        var card = CodeCard.Read(credential.State);
        var (first, second) = card.Schedule.At(credential.Position);
        return new(JsonSerializer.SerializeToUtf8Bytes(
            new CardPrompt(credential.Position, first, second, Uses(card) - credential.Position), CodeCardsJson.Default.CardPrompt));
    }

    private static CardPrompt Read(Prompt prompt) => JsonSerializer.Deserialize(prompt.State, CodeCardsJson.Default.CardPrompt)!;
}
