using System.Text.Json.Serialization;
using Countersign.Server.Data;
using Countersign.Server.Features.Accounts;
using Countersign.Server.Features.Api;
using Countersign.Server.Features.Applications;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace Countersign.Server.Features.Messages.Applications;

/// <summary>Messages that applications send, and what became of them.</summary>
internal static class ApplicationMessagesSlice
{
    /// <summary>Where a message is: <c>queued</c>, <c>sending</c>, <c>sent</c>, <c>delivered</c>, <c>failed</c>, <c>unknown</c> or <c>expired</c>.</summary>
    public sealed record MessageAnswer(string User, [property: JsonPropertyName("message_id")] Guid MessageId, string State);

    public static IServiceCollection AddApplicationMessages(this IServiceCollection services) => services.AddSingleton<SendTopicMessage>();

    public static void MapApplicationMessages(this IEndpointRouteBuilder group)
    {
        group.MapPost("/accounts/{id}/messages", SendAsync).RequireScope(ApiScopes.MessagesWrite).WithName("sendMessage").WithTags("Messages")
            .Produces<IReadOnlyList<SendTopicMessage.UserAnswer>>(StatusCodes.Status202Accepted).WithMetadata(new NeedsIdempotencyKey());
        group.MapGet("/accounts/{id}/messages/{message_id}", ReadAsync).RequireScope(ApiScopes.MessagesWrite).WithName("readMessage").WithTags("Messages");
    }

    /// <summary>Sends an SMS to the account's users who want the topic</summary>
    /// <remarks>
    /// Each user with a verified number who has not switched the topic off gets the text in the own language, after the broker's name. Security notices are Countersign's own and cannot be sent.
    /// </remarks>
    /// <param name="id">The broker's own number of the account.</param>
    private static async Task<IResult> SendAsync(string id, SendTopicMessage.Request body, HttpContext http, SendTopicMessage send, Idempotency idempotency, CancellationToken ct)
    {
        var faults = send.Check(body);
        var application = http.Application();
        return faults.Count > 0
            ? ApiRefusal.Of(faults)
            : await idempotency.RunAsync(http, body, StatusCodes.Status202Accepted, (db, token) => send.RunAsync(db, application, id, body, token), ct);
    }

    /// <summary>Where a message is on its way</summary>
    /// <param name="id">The broker's own number of the account.</param>
    /// <param name="messageId">The id that sending the message gave.</param>
    private static async Task<Results<Ok<MessageAnswer>, ApiRefusal>> ReadAsync(
        string id, [Microsoft.AspNetCore.Mvc.FromRoute(Name = "message_id")] string messageId, HttpContext http, CountersignDbContext db, CancellationToken ct)
    {
        if (await AccountLookup.FindAsync(db, http.Application(), id, ct) is not { } account)
        {
            return new ApiRefusal(AccountErrors.Unknown);
        }

        var found = Guid.TryParse(messageId, out var wanted)
            ? await (from acts in db.Set<AccountUser>()
                     join user in db.Set<Users.User>() on acts.UserId equals user.Id
                     join message in db.Set<Message>() on acts.UserId equals message.UserId
                     where acts.AccountId == account.Id && message.Id == wanted && message.Template == SendTopicMessage.Template
                     select new { user.Name, message.Id, message.State }).SingleOrDefaultAsync(ct)
            : null;
        return found is null ? new ApiRefusal(ApplicationMessageErrors.Unknown) : TypedResults.Ok(new MessageAnswer(found.Name, found.Id, found.State.ToString().ToLowerInvariant()));
    }
}
