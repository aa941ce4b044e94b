using System.Globalization;
using System.Text.Json.Serialization;
using Countersign.Server.Features.Access.Sessions;
using Countersign.Server.Features.Clients.NumberSettings;
using Countersign.Server.Features.Confirming.Challenges;
using Countersign.Server.Features.Confirming.SentCodes;
using Countersign.Server.Features.Registry.PhoneNumbers;
using Countersign.Server.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Localization;

namespace Countersign.Server.Features.Clients.AccountOpening;

/// <summary>What the dialog shows after a code was asked for.</summary>
/// <param name="Challenge">Handle, for the answer and for the address that tells of the delivery.</param>
/// <param name="Waits">Whether it goes by itself at <paramref name="NextSendAt"/>: only the wait forbids it.</param>
/// <param name="Note">Why nothing was sent, in words; null where a message is on its way.</param>
internal sealed record MobileSending(
    [property: JsonPropertyName("challenge")] string Challenge,
    [property: JsonPropertyName("prompt")] int Prompt,
    [property: JsonPropertyName("to")] string To,
    [property: JsonPropertyName("sent")] bool Sent,
    [property: JsonPropertyName("waits")] bool Waits,
    [property: JsonPropertyName("next_send_at")] DateTimeOffset NextSendAt,
    [property: JsonPropertyName("now")] DateTimeOffset Now,
    [property: JsonPropertyName("note")] string? Note);

/// <summary>Whether a number is complete: valid, and not the beginning of a longer one.</summary>
internal sealed record NumberCompleteness([property: JsonPropertyName("complete")] bool Complete);

/// <summary>The code was right.</summary>
internal sealed record MobileVerified([property: JsonPropertyName("verified")] bool Verified);

/// <summary>What the blue bar's dialog asks the server: the same use cases as the page without scripts, answered as JSON.</summary>
internal static class MobileDialog
{
    public static void MapMobileDialog(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/apply/mobile").WithTags("Account application").RequireRateLimiting(HttpSlice.CostlyPolicy);
        // Posted, though it changes nothing: a number in an address would stand in every log on the way.
        group.MapPost("/completeness", ([FromForm] string? tel, [FromForm] string? country, NumberRules rules) => TypedResults.Ok(
            new NumberCompleteness(rules.Read(tel, country) is { Succeeded: true, Value: var number } && number.IsFinal())));
        group.MapPost("/sendings", SendAsync);
        group.MapPost("/repeats", RepeatAsync);
        group.MapPost("/answers", AnswerAsync);
    }

    private static async Task<Results<Ok<MobileSending>, ProblemHttpResult>> SendAsync(
        HttpContext http, ApplicantNumbers numbers, MobileChallenges challenges, [FromForm] string? tel, [FromForm] string? country,
        [FromForm(Name = "by_itself")] string? byItself, CancellationToken ct)
    {
        var session = http.Session();
        var opener = challenges.OpenerOf(http, session.User.Id);
        var sent = await numbers.SendAsync(
            session.User, session.Id, opener, tel, country, byItself == "1", CultureInfo.CurrentUICulture, ct);
        return sent.Succeeded ? await challenges.ShowAsync(sent.Value, opener, ct) : challenges.Refuse(sent.Error);
    }

    private static async Task<Results<Ok<MobileSending>, ProblemHttpResult>> RepeatAsync(
        HttpContext http, MobileChallenges challenges, [FromForm] string? challenge, CancellationToken ct)
    {
        if (!ChallengeHandle.TryParse(challenge, null, out var handle))
        {
            return challenges.Refuse(ChallengeErrors.Missing);
        }

        var opener = challenges.OpenerOf(http, handle.UserId);
        return await challenges.RepeatAsync(handle, opener, ct) is { } refusal
            ? challenges.Refuse(refusal)
            : await challenges.ShowAsync(handle, opener, ct);
    }

    private static async Task<Results<Ok<MobileVerified>, ProblemHttpResult>> AnswerAsync(
        HttpContext http, MobileChallenges challenges, [FromForm] string? challenge, [FromForm] string? prompt, [FromForm] string? code,
        CancellationToken ct)
    {
        if (!ChallengeHandle.TryParse(challenge, null, out var handle)
            || !int.TryParse(prompt, NumberStyles.None, CultureInfo.InvariantCulture, out var promptNo))
        {
            return challenges.Refuse(ChallengeErrors.Missing);
        }

        return await challenges.AnswerAsync(handle, challenges.OpenerOf(http, handle.UserId), promptNo, code, ct) is { } refusal
            ? challenges.Refuse(refusal)
            : TypedResults.Ok(new MobileVerified(true));
    }
}

/// <summary>The challenge of the dialog, whose answers are JSON: shown, repeated and answered as on its page.</summary>
internal sealed class MobileChallenges(
    ShowChallenge show, ChangeChallenge change, AnswerChallenge answer, NumberVerificationPurpose purpose, Openers openers,
    IStringLocalizer<ErrorText> errors, TimeProvider time)
{
    public Opener OpenerOf(HttpContext http, Guid userId) => openers.Get(http, Openers.KnownInSession(http, userId));

    public Task<Error?> RepeatAsync(ChallengeHandle handle, Opener opener, CancellationToken ct) =>
        change.RepeatAsync(purpose, handle, opener, by: null, ct);

    /// <returns>Null when the number is verified; else why not.</returns>
    public async Task<Error?> AnswerAsync(ChallengeHandle handle, Opener opener, int promptNo, string? code, CancellationToken ct) =>
        await answer.TypeAsync(purpose, handle, opener, promptNo, code, ct) switch
        {
            Answered<NumberVerificationSubject, Done>.Completed => null,
            Answered<NumberVerificationSubject, Done>.Wrong wrong => wrong.Error,
            Answered<NumberVerificationSubject, Done>.Refused refused => refused.Error,
            _ => throw new System.Diagnostics.UnreachableException(),
        };

    public async Task<Results<Ok<MobileSending>, ProblemHttpResult>> ShowAsync(ChallengeHandle handle, Opener opener, CancellationToken ct)
    {
        var found = await show.RunAsync(purpose, handle, opener, ct);
        if (!found.Succeeded || found.Value.Open is not { State: ChallengeState.Prompted, Prompt.Sent: { } sent } open)
        {
            return Refuse(found.Error ?? ChallengeErrors.Ended);
        }

        var note = sent.Refused is { } refused ? errors[refused].Value : sent.SentAt is null ? errors.Say(SentCodeErrors.Wait) : null;
        return TypedResults.Ok(
            new MobileSending(
                handle.ToString(), open.PromptNo, sent.To, sent.SentAt is not null, sent.Waits, sent.NextSendAt, time.GetUtcNow(), note));
    }

    public ProblemHttpResult Refuse(Error error) => errors.Problem(error);
}
