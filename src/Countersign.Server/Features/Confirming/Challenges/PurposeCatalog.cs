using System.Collections.Frozen;

namespace Countersign.Server.Features.Confirming.Challenges;

/// <summary>The purposes that this program is composed of.</summary>
internal sealed class PurposeCatalog(IEnumerable<Purpose> purposes)
{
    private readonly FrozenDictionary<string, Purpose> _purposes = purposes.ToFrozenDictionary(p => p.Id, StringComparer.Ordinal);

    /// <summary>Null for one that this release does not know: what it opened cannot go on, and nothing else breaks.</summary>
    public Purpose? Find(string id) => _purposes.GetValueOrDefault(id);
}

internal static class PurposeExtensions
{
    /// <summary>The one line by which a purpose is part of the program.</summary>
    public static IServiceCollection AddPurpose<TPurpose>(this IServiceCollection services)
        where TPurpose : Purpose =>
        services.AddSingleton<TPurpose>().AddSingleton<Purpose>(s => s.GetRequiredService<TPurpose>());
}
