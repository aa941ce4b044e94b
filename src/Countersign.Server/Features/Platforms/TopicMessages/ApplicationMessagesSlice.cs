using System.ComponentModel;
using System.Text.Json.Serialization;
using Countersign.Server.Data;
using Countersign.Server.Features.Messaging.Messages;
using Countersign.Server.Features.Programs.Api;
using Countersign.Server.Features.Programs.Applications;
using Countersign.Server.Features.Registry.Accounts;
using Countersign.Server.Features.Registry.Users;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;

namespace Countersign.Server.Features.Platforms.TopicMessages;

/// <summary>Messages that applications send, and what became of them.</summary>
internal static class ApplicationMessagesSlice
{
    /// <summary>
    /// Where a message is: <c>queued</c>, <c>sending</c>, <c>sent</c>, <c>delivered</c>, <c>failed</c>, <c>unknown</c> or
    /// <c>expired</c>.
    /// </summary>
    public sealed record MessageAnswer(string User, [property: JsonPropertyName("message_id")] Guid MessageId, string State);

    public static IServiceCollection AddApplicationMessages(this IServiceCollection services) => services.AddSingleton<SendTopicMessage>();

    public static void MapApplicationMessages(this IEndpointRouteBuilder group)
    {
        group.MapPost("/accounts/{id}/messages", SendAsync)
            .RequireScope(ApiScopes.MessagesWrite)
            .WithName("sendMessage")
            .WithTags("Messages")
                .WithSummary("Send an SMS to the account's users who want the topic")
                .WithDescription(
                    "Each user with a verified number who wants the topic gets the text in the own language, else in "
                        + "English, after the broker's name; at most four SMS long. "
                    +
                        "The state tells of each user: `queued`, `no_verified_number`, `topic_off` or `not_admitted`. Security notices "
                            + "are Countersign's own and cannot be sent.")
                .Produces<IReadOnlyList<SendTopicMessage.UserAnswer>>(StatusCodes.Status202Accepted).WithMetadata(new NeedsIdempotencyKey())
                .Refuses(AccountErrors.Unknown, ApplicationMessageErrors.UserUnknown, ApplicationMessageErrors.TooManyUsers)
                .WithExamples(
                    """{"topic": "trades", "text": {"en": "Bought 100 XYZ at 12.50.", "zh-Hant": "已以 12.50 買入 100 股 XYZ。"}}""",
                    """
                    [{"user": "mei.chan", "message_id": "019a1b2c-3d4e-7f50-8a6b-7c8d9e0f1a2b", "state": "queued"},
                     {"user": "noor.haddad", "message_id": null, "state": "no_verified_number"}]
                    """);
        group.MapGet("/accounts/{id}/messages/{message_id}", ReadAsync)
            .RequireScope(ApiScopes.MessagesWrite)
            .WithName("readMessage")
            .WithTags("Messages")
                .WithSummary("Where a message is on its way")
                .WithDescription(
                    "`queued`, `sending`, `sent`, `delivered`, `failed`, `unknown` (it may have been sent) or "
                        + "`expired` (it could not be sent within a day).")
                .Refuses(AccountErrors.Unknown, ApplicationMessageErrors.Unknown)
                .WithExamples(
                    request: null, """{"user": "mei.chan", "message_id": "019a1b2c-3d4e-7f50-8a6b-7c8d9e0f1a2b", "state": "delivered"}""");
    }

    private static async Task<IResult> SendAsync(
        [Description("The broker's own number of the account.")] string id, SendTopicMessage.Request body, HttpContext http,
        SendTopicMessage send, Idempotency idempotency, CancellationToken ct)
    {
        var faults = send.Check(body);
        var application = http.Application();
        return faults.Count > 0
            ? ApiRefusal.Of(faults)
            : await idempotency.RunAsync(
                http, body, StatusCodes.Status202Accepted, (db, token) => send.RunAsync(db, application, id, body, token), ct);
    }

    private static async Task<Results<Ok<MessageAnswer>, ApiRefusal>> ReadAsync(
        [Description("The broker's own number of the account.")] string id,
        [FromRoute(Name = "message_id"), Description("The id that sending the message gave.")] string messageId,
        HttpContext http, CountersignDbContext db, CancellationToken ct)
    {
        if (await AccountLookup.FindAsync(db, http.Application(), id, ct) is not { } account)
        {
            return new ApiRefusal(AccountErrors.Unknown);
        }

        var found = Guid.TryParse(messageId, out var wanted)
            ? await (from acts in db.Set<AccountUser>()
                     join user in db.Set<User>() on acts.UserId equals user.Id
                     join message in db.Set<Message>() on acts.UserId equals message.UserId
                     where acts.AccountId == account.Id && message.Id == wanted && message.Template == SendTopicMessage.Template
                     select new { user.Name, message.Id, message.State }).SingleOrDefaultAsync(ct)
            : null;
        return found is null
            ? new ApiRefusal(ApplicationMessageErrors.Unknown)
            : TypedResults.Ok(new MessageAnswer(found.Name, found.Id, found.State.ToString().ToLowerInvariant()));
    }
}
