using System.Globalization;
using Countersign.Server.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace Countersign.Server.Features.Platforms.TopicMessages.Topics;

/// <summary>Something that clients may want messages about.</summary>
/// <param name="On">Whether they get it until they switch it off.</param>
/// <param name="Further">The broker's own names; null for a built-in topic, whose names are in <see cref="TopicText"/>.</param>
internal sealed record Topic(string Id, bool On, FurtherTopic? Further = null)
{
    /// <summary>The broker's own name for it; null for a built-in topic.</summary>
    public string? OwnName(CultureInfo language) => Further is null ? null : language.Name switch
    {
        "zh-Hant" => Further.Traditional,
        "zh-Hans" => Further.Simplified,
        _ => Further.English,
    };
}

/// <summary>The topics of this installation, and who wants them. Security notices are none: they cannot be switched off.</summary>
internal sealed class TopicCatalog(IOptions<TopicOptions> options)
{
    private static readonly Topic[] BuiltIn =
    [
        new("account", On: true), new("trades", On: true), new("statements", On: true), new("marketing", On: false),
    ];

    public IReadOnlyList<Topic> All { get; } =
        [.. BuiltIn.Where(t => !options.Value.Withheld.Contains(t.Id)), .. options.Value.Further.Select(f => new Topic(f.Id, f.On, f))];

    public Topic? Find(string? id) => All.FirstOrDefault(t => t.Id == id);

    /// <summary>The topics that the user gets messages about.</summary>
    public async Task<IReadOnlySet<string>> WantedAsync(CountersignDbContext db, Guid userId, CancellationToken ct)
    {
        var chosen = await db.Set<TopicChoice>().AsNoTracking().Where(c => c.UserId == userId).ToDictionaryAsync(
            c => c.Topic, c => c.Wanted, ct);
        return All.Where(t => chosen.TryGetValue(t.Id, out var wanted) ? wanted : t.On).Select(t => t.Id).ToHashSet(StringComparer.Ordinal);
    }
}
