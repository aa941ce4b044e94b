using System.Text.Json.Serialization;
using Countersign.Server.Data;
using Countersign.Server.Features.Messaging.Messages;
using Countersign.Server.Features.Messaging.Shield;
using Countersign.Server.Features.Platforms.TopicMessages.Topics;
using Countersign.Server.Features.Programs.Api;
using Countersign.Server.Features.Programs.Applications;
using Countersign.Server.Features.Registry.Accounts;
using Countersign.Server.Features.Registry.PhoneNumbers;
using Countersign.Server.Features.Registry.Users;
using Countersign.Server.Http;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace Countersign.Server.Features.Platforms.TopicMessages;

/// <summary>Queues an application's message to those of an account's users who want its topic and have a verified number (S36).</summary>
internal sealed class SendTopicMessage(
    Outbox outbox, CarrierRules carriers, TopicCatalog topics, MessageTexts texts, IOptions<ShieldOptions> shield, TimeProvider time)
{
    /// <summary>The template: the broker's name, so that nobody takes it for another's, and the application's words.</summary>
    public const string Template = "topic-message";

    private const int MostParts = 4;
    private const int MostUsers = 50;

    /// <summary>A trade of the day before yesterday is no news.</summary>
    private static readonly TimeSpan Lifetime = TimeSpan.FromDays(1);

    /// <summary>A message to the users of an account.</summary>
    [JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
    public sealed record Request([property: Needed] string? Topic, [property: Needed] TextPart? Text, string? User);

    /// <summary>The message's words. Each user gets those of the own language, and the English ones where there are none.</summary>
    [JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
    public sealed record TextPart(
        [property: Needed, JsonPropertyName("en")] string? English, [property: JsonPropertyName(
            "zh-Hant")] string? Traditional, [property: JsonPropertyName("zh-Hans")] string? Simplified)
    {
        internal string? In(string? language) => language switch
        {
            "en" => English,
            "zh-Hant" => Traditional,
            "zh-Hans" => Simplified,
            _ => null,
        };
    }

    /// <summary>
    /// What became of the message to a user: <c>queued</c>, <c>deferred</c> (carriers deliver nothing at this hour),
    /// <c>no_verified_number</c>, <c>topic_off</c>, <c>do_not_call</c> or <c>not_admitted</c> (the user got too many today, the budget for
    /// the number's country is spent, or an operator has stopped messages there). Without a message there is no id.
    /// </summary>
    public sealed record UserAnswer(string User, [property: JsonPropertyName("message_id")] Guid? MessageId, string State);

    /// <summary>What is wrong with the request.</summary>
    public List<FieldFault> Check(Request request)
    {
        var faults = new List<FieldFault>();
        if (topics.Find(request.Topic) is null)
        {
            faults.Add(new FieldFault("topic", "is none of " + string.Join(", ", topics.All.Select(t => t.Id))));
        }

        if (string.IsNullOrWhiteSpace(request.Text?.English))
        {
            faults.Add(new FieldFault("text.en", "is empty"));
        }

        foreach (var language in Languages.All.Select(l => l.Name))
        {
            if (request.Text?.In(language) is { Length: > 0 } text && Wrong(text, language) is { } why)
            {
                faults.Add(new FieldFault("text." + language, why));
            }
        }

        return faults;
    }

    /// <summary>In the unit of work that stores the answer.</summary>
    public async Task<Result<IReadOnlyList<UserAnswer>>> RunAsync(
        CountersignDbContext db, ApplicationView application, string number, Request request, CancellationToken ct)
    {
        if (await AccountLookup.FindAsync(db, application, number, ct) is not { } account)
        {
            return AccountErrors.Unknown;
        }

        var users = await UsersAsync(db, account.Id, request.User, ct);
        if (request.User is not null && users.Count == 0)
        {
            return ApplicationMessageErrors.UserUnknown;
        }

        if (users.Count > MostUsers)
        {
            return ApplicationMessageErrors.TooManyUsers;
        }

        var answers = new List<UserAnswer>(users.Count);
        foreach (var user in users)
        {
            answers.Add(await SendAsync(db, user, request, ct));
        }

        return answers;
    }

    private static async Task<List<User>> UsersAsync(CountersignDbContext db, Guid accountId, string? name, CancellationToken ct)
    {
        var users = from acts in db.Set<AccountUser>()
                    join user in db.Set<User>() on acts.UserId equals user.Id
                    where acts.AccountId == accountId
                    select user;

        // By the name as it reads, also of those whom the account's applications keep apart.
        var all = await users.AsNoTracking().ToListAsync(ct);
        return name is null ? [.. all.OrderBy(u => u.Name, StringComparer.OrdinalIgnoreCase)]
            : UserName.TryParse(name, out var wanted) ? all.FindAll(u => UserName.TryParse(u.Name, out var own) && own == wanted)
            : [];
    }

    private async Task<UserAnswer> SendAsync(CountersignDbContext db, User user, Request request, CancellationToken ct)
    {
        if (!(await topics.WantedAsync(db, user.Id, ct)).Contains(request.Topic!))
        {
            return new UserAnswer(user.Name, MessageId: null, "topic_off");
        }

        if (await db.PreferredNumberAsync(user.Id, ct) is not { } to)
        {
            return new UserAnswer(user.Name, MessageId: null, "no_verified_number");
        }

        var (language, text) = request.Text!.In(user.Language) is { Length: > 0 } own
            ? (user.Language!, own)
            : ("en", request.Text.English!);
        if (await carriers.OtherFromAsync(db, to.E164, NumberRange.Of(to.E164).Region, user.TimeZone, ct) is not { } from)
        {
            return new UserAnswer(user.Name, MessageId: null, "do_not_call");
        }

        var added = await outbox.AddAsync(
            db, new OtherToSend(user.Id, to.E164, Template, shield.Value.TopicMessagesPerUserDaily),
            new Draft(MessageChannel.Sms, Template, new MessageContent(language, [text]), from + Lifetime, from), ct);
        return added.Succeeded
            ? new UserAnswer(user.Name, added.Value, from > time.GetUtcNow() ? "deferred" : "queued")
            : new UserAnswer(user.Name, MessageId: null, "not_admitted");
    }

    private string? Wrong(string text, string language)
    {
        if (text.Any(c => char.IsControl(c) || c is TypedWords.First or TypedWords.Last))
        {
            return "holds control characters";
        }

        var parts = SmsText.Parts(texts.Render(Template, MessageChannel.Sms, new MessageContent(language, [text])).Body);
        return parts > MostParts ? $"takes {parts} SMS, and {MostParts} are allowed" : null;
    }
}
