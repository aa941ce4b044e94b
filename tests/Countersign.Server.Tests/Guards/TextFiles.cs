using System.Collections;
using System.Globalization;
using System.Reflection;
using System.Resources;
using Countersign.Server.Http;

namespace Countersign.Server.Tests.Guards;

/// <summary>All texts of the program as it looks them up: from what was built, not from what was written.</summary>
internal static class TextFiles
{
    private const string Extension = ".resources";

    public static Assembly Server { get; } = typeof(CountersignHost).Assembly;

    /// <summary>The language in which texts are written first.</summary>
    public static CultureInfo First => Languages.All[0];

    public static IEnumerable<CultureInfo> Translations => Languages.All.Skip(1);

    /// <summary>Full names of the anchor classes that files of texts are named after.</summary>
    public static IReadOnlyList<string> Anchors { get; } =
        [.. Server.GetManifestResourceNames().Where(n => n.EndsWith(Extension, StringComparison.Ordinal)).Select(
            n => n[..^Extension.Length])];

    public static TheoryData<string> AnchorNames => [.. Anchors];

    /// <summary>The texts of one language alone, without those that it would borrow.</summary>
    public static IReadOnlyDictionary<string, string> Read(string anchor, CultureInfo language)
    {
        // The neutral file is the English one.
        var own = language.Equals(First) ? CultureInfo.InvariantCulture : language;
        var set = new ResourceManager(anchor, Server).GetResourceSet(own, createIfNotExists: true, tryParents: false);
        return set is null
            ? new Dictionary<string, string>()
            : set.Cast<DictionaryEntry>().ToDictionary(e => (string)e.Key, e => (string)e.Value!);
    }

    /// <summary>
    /// Those of <paramref name="keys"/> that an anchor does not have, language by language. The anchor may be another assembly's.
    /// </summary>
    public static IEnumerable<string> Missing(Type anchor, IEnumerable<string> keys) =>
        from language in Languages.All
        let own = language.Equals(First) ? CultureInfo.InvariantCulture : language
        let set = new ResourceManager(anchor).GetResourceSet(own, createIfNotExists: true, tryParents: false)
        from key in keys
        where string.IsNullOrEmpty(set?.GetString(key))
        select $"{language}: {anchor.Name} has no {key}";

    /// <summary>
    /// What <paramref name="keys"/> and <typeparamref name="TAnchor"/>'s texts do not have in common, language by language.
    /// </summary>
    public static IEnumerable<string> Differences<TAnchor>(IEnumerable<string> keys)
    {
        var wanted = keys.ToHashSet(StringComparer.Ordinal);
        foreach (var language in Languages.All)
        {
            var texts = Read(typeof(TAnchor).FullName!, language);
            foreach (var lacking in wanted.Except(texts.Keys))
            {
                yield return $"{language}: no text for {lacking}";
            }

            foreach (var needless in texts.Keys.Except(wanted))
            {
                yield return $"{language}: nothing says {needless}";
            }
        }
    }
}
