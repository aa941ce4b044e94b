using Countersign.Server.Data;
using Countersign.Server.Features.Ground.Audit;
using Microsoft.EntityFrameworkCore;

namespace Countersign.Server.Features.Platforms.TopicMessages.Topics;

/// <summary>Writes down which topics a user wants; the last choice is the one that holds.</summary>
internal sealed class ChooseTopics(IWriter writer, TopicCatalog topics, AuditTrail audit, TimeProvider time)
{
    public Task RunAsync(Guid userId, IReadOnlyCollection<string> wanted, string source, CancellationToken ct) => writer.RunAsync(
        async (db, token) =>
        {
            var now = time.GetUtcNow().ToUnixMicroseconds();
            foreach (var topic in topics.All)
            {
                var on = wanted.Contains(topic.Id);
                await db.Database.ExecuteSqlAsync(
                    $"""
                    INSERT INTO topic_choices (user_id, topic, wanted, chosen_at) VALUES ({userId}, {topic.Id}, {on}, {now})
                    ON CONFLICT (user_id, topic) DO UPDATE SET wanted = excluded.wanted, chosen_at = excluded.chosen_at
                    """,
                    token);
            }

            audit.Add(
                db, AuditEvents.TopicsChosen, userId, Actor.Client(userId, source),
                ("wanted", string.Join(' ', topics.All.Select(t => t.Id).Where(wanted.Contains))));
        },
        ct);
}
