using Countersign.Server.Http;
using Microsoft.Extensions.Localization;

namespace Countersign.Server.Features.Confirming.Challenges;

/// <summary>
/// What the page of a challenge can do, in the browser's name: each step finds its opener by the request's cookie, and says what it
/// refuses in the person's language.
/// </summary>
internal sealed class ChallengeSteps(
    ShowChallenge show,
    ChangeChallenge change,
    AnswerChallenge answer,
    Openers openers,
    IStringLocalizer<ErrorText> errors,
    IStringLocalizer<ChallengeText> texts,
    TimeProvider time)
{
    public DateTimeOffset Now => time.GetUtcNow();

    public Task<Result<ShownChallenge>> ShowAsync(Purpose purpose, ChallengeRequestContext at, CancellationToken ct) =>
        show.RunAsync(purpose, at.Handle, OpenerOf(at), ct);

    public Task<Error?> ChooseAsync(Purpose purpose, ChallengeRequestContext at, Guid device, CancellationToken ct) =>
        change.ChooseAsync(purpose, at.Handle, OpenerOf(at), device, ct);

    public Task<Error?> RepeatAsync(Purpose purpose, ChallengeRequestContext at, string? by, CancellationToken ct) =>
        change.RepeatAsync(purpose, at.Handle, OpenerOf(at), by, ct);

    public Task CancelAsync(Purpose purpose, ChallengeRequestContext at, CancellationToken ct) =>
        change.CancelAsync(purpose, at.Handle, OpenerOf(at), ct);

    public Task<Answered<TSubject, TResult>> TypeAsync<TSubject, TResult>(
        Purpose<TSubject, TResult> purpose, ChallengeRequestContext at, int promptNo, string? response, CancellationToken ct) =>
        answer.TypeAsync(purpose, at.Handle, OpenerOf(at), promptNo, response, ct);

    public Task<Answered<TSubject, TResult>> UseAsync<TSubject, TResult>(
        Purpose<TSubject, TResult> purpose, ChallengeRequestContext at, CancellationToken ct) =>
        answer.UseAsync(purpose, at.Handle, OpenerOf(at), ct);

    /// <summary>A refusal in words.</summary>
    public string Say(Error error) => errors.Say(error);

    /// <summary>A refusal that was kept by its code.</summary>
    public string Say(string code) => errors[code];

    /// <summary>One of the engine's own texts.</summary>
    public string Text(string name) => texts[name];

    private Opener OpenerOf(ChallengeRequestContext at) => openers.Get(at.Http, at.KnownSince);
}

/// <summary>The challenge that a request is about.</summary>
/// <param name="KnownSince">When the browser last signed the challenge's user in; null: it never has.</param>
internal sealed record ChallengeRequestContext(HttpContext Http, ChallengeHandle Handle, DateTimeOffset? KnownSince);
