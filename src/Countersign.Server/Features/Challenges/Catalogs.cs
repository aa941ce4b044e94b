using System.Collections.Frozen;

namespace Countersign.Server.Features.Challenges;

/// <summary>The kinds that this program is composed of.</summary>
internal sealed class KindCatalog(IEnumerable<IDeviceKind> kinds)
{
    private readonly FrozenDictionary<string, IDeviceKind> _kinds = kinds.ToFrozenDictionary(k => k.Id, StringComparer.Ordinal);

    /// <summary>Null for a kind that this release does not know: such a device cannot be used, and nothing else breaks.</summary>
    public IDeviceKind? Find(string id) => _kinds.GetValueOrDefault(id);

    /// <summary>The kind's part of a challenge page: <c>_Prompt.cshtml</c> in the kind's own folder, so that a new kind brings it along.</summary>
    public string PromptView(string id)
    {
        const string Root = "Countersign.Server";
        var type = _kinds[id].GetType();
        return type.Namespace![Root.Length..].Replace('.', '/') + "/_Prompt.cshtml";
    }
}

/// <summary>The purposes that this program is composed of.</summary>
internal sealed class PurposeCatalog(IEnumerable<IPurpose> purposes)
{
    private readonly FrozenDictionary<string, IPurpose> _purposes = purposes.ToFrozenDictionary(p => p.Id, StringComparer.Ordinal);

    public IPurpose this[string id] => _purposes[id];
}
