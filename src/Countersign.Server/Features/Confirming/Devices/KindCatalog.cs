using System.Collections.Frozen;
using System.Globalization;
using System.Resources;

namespace Countersign.Server.Features.Confirming.Devices;

/// <summary>The kinds that this program is composed of.</summary>
internal sealed class KindCatalog(IEnumerable<IDeviceKind> kinds)
{
    private readonly FrozenDictionary<string, Entry> _kinds =
        kinds.ToFrozenDictionary(k => k.Id, k => new Entry(k, new ResourceManager(k.Texts)), StringComparer.Ordinal);

    /// <summary>Null for a kind that this release does not know: such a device cannot be used, and nothing else breaks.</summary>
    public IDeviceKind? Find(string id) => _kinds.GetValueOrDefault(id)?.Kind;

    /// <summary>The kind's name, which its own texts hold; the id of one that this release does not know.</summary>
    public string Name(string id, CultureInfo language) => _kinds.GetValueOrDefault(id)?.Texts.GetString("kind", language) ?? id;

    /// <summary>One of the kind's own texts, for the pages that all kinds share: <c>about</c>, <c>label</c>, <c>add.step</c>.</summary>
    /// <exception cref="InvalidOperationException">The kind has no such text: a mistake in the program.</exception>
    public string Text(string id, string name, CultureInfo language) =>
        _kinds[id].Texts.GetString(name, language) ?? throw new InvalidOperationException($"The device kind {id} has no text {name}.");

    /// <summary>The kind's name in the language of the page.</summary>
    public string Name(string id) => Name(id, CultureInfo.CurrentUICulture);

    /// <summary>How strong a device of the kind is; zero for one that this release does not know.</summary>
    public int Strength(string id) => Find(id)?.Traits.Strength ?? 0;

    /// <summary>The picture of a kind.</summary>
    public string Icon(string id) => Find(id)?.Traits.Icon ?? "key";

    /// <summary>
    /// A part of a page in the kind's own folder, so that a new kind brings it along: <c>_Prompt</c>, <c>_Activate</c>,
    /// <c>_Add</c>.
    /// </summary>
    public string View(string id, string name)
    {
        const string Here = "Countersign.Server";
        var type = _kinds[id].Kind.GetType();
        var root = type.Assembly == typeof(KindCatalog).Assembly ? Here : type.Assembly.GetName().Name!;
        return type.Namespace![root.Length..].Replace('.', '/') + $"/{name}.cshtml";
    }

    private sealed record Entry(IDeviceKind Kind, ResourceManager Texts);
}

/// <summary>A device as a sentence names it, in the sentence's language.</summary>
internal sealed record DeviceName(KindCatalog Kinds, DeviceView Device) : IFormattable
{
    public string ToString(string? format, IFormatProvider? formatProvider) =>
        $"{Kinds.Name(Device.Kind, formatProvider as CultureInfo ?? CultureInfo.InvariantCulture)} {Device.Label}".TrimEnd();
}
