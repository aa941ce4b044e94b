using System.Globalization;
using System.Text.Json.Serialization;
using Countersign.Server.Features.Access.Sessions;
using Countersign.Server.Features.Clients.NumberSettings;
using Countersign.Server.Features.Confirming.Challenges;
using Countersign.Server.Features.Kinds.TextMessages;
using Countersign.Server.Features.Registry.PhoneNumbers;
using Countersign.Server.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace Countersign.Server.Features.Clients.AccountOpening;

/// <summary>What the dialog shows after a code was asked for.</summary>
/// <param name="Challenge">Handle, for the answer and for the address that tells of the delivery.</param>
/// <param name="Note">Why nothing was sent, in words; null where a message is on its way.</param>
internal sealed record MobileSending(
    [property: JsonPropertyName("challenge")] string Challenge,
    [property: JsonPropertyName("prompt")] int Prompt,
    [property: JsonPropertyName("to")] string To,
    [property: JsonPropertyName("sent")] bool Sent,
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
        group.MapPost("/completeness", ([FromForm] string? tel, [FromForm] string? country, NumberRules rules) => TypedResults.Ok(new NumberCompleteness(rules.Read(tel, country) is { Succeeded: true, Value: var number } && number.IsFinal())));
        group.MapPost("/sendings", SendAsync);
        group.MapPost("/repeats", RepeatAsync);
        group.MapPost("/answers", AnswerAsync);
    }

    private static async Task<Results<Ok<MobileSending>, ProblemHttpResult>> SendAsync(
        HttpContext http, ApplicantNumbers numbers, ChallengeDesk desk, [FromForm] string? tel, [FromForm] string? country,
        [FromForm(Name = "by_itself")] string? byItself, CancellationToken ct)
    {
        var session = http.Session();
        var opener = desk.Openers.Get(http, Opener.KnownBySession);
        var sent = await numbers.SendAsync(session.User, session.Id, opener, tel, country, byItself == "1", CultureInfo.CurrentUICulture, ct);
        return sent.Succeeded ? await ShowAsync(desk, sent.Value, opener, ct) : desk.Errors.Problem(sent.Error);
    }

    private static async Task<Results<Ok<MobileSending>, ProblemHttpResult>> RepeatAsync(HttpContext http, ChallengeDesk desk, [FromForm] string? challenge, CancellationToken ct)
    {
        if (!ChallengeHandle.TryParse(challenge, null, out var handle))
        {
            return desk.Errors.Problem(ChallengeErrors.Missing);
        }

        var opener = desk.Openers.Get(http, Opener.KnownInSession(http, handle.UserId));
        var refusal = await desk.Writer.RunAsync((db, token) => desk.Prompting.RepeatAsync(db, handle, opener, by: null, token), ct);
        return refusal is null ? await ShowAsync(desk, handle, opener, ct) : desk.Errors.Problem(refusal);
    }

    private static async Task<Results<Ok<MobileVerified>, ProblemHttpResult>> AnswerAsync(
        HttpContext http, ChallengeDesk desk, [FromForm] string? challenge, [FromForm] string? prompt, [FromForm] string? code, CancellationToken ct)
    {
        if (!ChallengeHandle.TryParse(challenge, null, out var handle) || !int.TryParse(prompt, NumberStyles.None, CultureInfo.InvariantCulture, out var promptNo))
        {
            return desk.Errors.Problem(ChallengeErrors.Missing);
        }

        var opener = desk.Openers.Get(http, Opener.KnownInSession(http, handle.UserId));
        var (answer, _) = await desk.AnswerAsync(handle, opener, NumberVerificationPurpose.PurposeId, promptNo, code, ct);
        return answer switch
        {
            Answered.Completed => TypedResults.Ok(new MobileVerified(true)),
            Answered.Wrong wrong => desk.Errors.Problem(wrong.Error),
            Answered.Refused refused => desk.Errors.Problem(refused.Error),
            _ => throw new System.Diagnostics.UnreachableException(),
        };
    }

    private static async Task<Results<Ok<MobileSending>, ProblemHttpResult>> ShowAsync(ChallengeDesk desk, ChallengeHandle handle, Opener opener, CancellationToken ct)
    {
        await using var db = desk.Contexts.Read();
        var found = await desk.Reader.FindLiveAsync(db, handle, opener, ct);
        if (!found.Succeeded || found.Value is not { Device: { } device, Prompt: { } prompt } open || open.View.Purpose != NumberVerificationPurpose.PurposeId)
        {
            return desk.Errors.Problem(found.Error ?? ChallengeErrors.Missing);
        }

        var view = (CodeView)desk.Kinds.Find(device.Kind)!.Show(device, open.View, prompt);
        var note = view.Refused is { } refused ? desk.Errors[refused].Value : view.SentAt is null ? desk.Errors.Say(TextMessageErrors.Wait) : null;
        return TypedResults.Ok(new MobileSending(handle.ToString(), open.PromptNo, view.To, view.SentAt is not null, view.NextSendAt, desk.Time.GetUtcNow(), note));
    }
}
