using System.Collections;
using System.Globalization;
using System.Reflection;
using System.Resources;
using System.Text.RegularExpressions;
using Countersign.Server.Http;

namespace Countersign.Server.Tests.Http;

/// <summary>Every text exists in every language and takes the same facts.</summary>
public sealed partial class TextTests
{
    private static readonly Assembly Program = typeof(CountersignHost).Assembly;

    public static TheoryData<string> Books => [.. Program.GetManifestResourceNames().Where(n => n.EndsWith("Text.resources", StringComparison.Ordinal)).Select(n => n[..^".resources".Length])];

    [Theory]
    [MemberData(nameof(Books))]
    public void A_text_is_complete_in(string book)
    {
        var manager = new ResourceManager(book, Program);
        var english = Read(manager, CultureInfo.InvariantCulture);
        Assert.NotEmpty(english);

        foreach (var language in Languages.All.Where(l => l.Name != "en"))
        {
            var texts = Read(manager, language);
            Assert.Equal(english.Keys.Order(StringComparer.Ordinal), texts.Keys.Order(StringComparer.Ordinal));
            Assert.All(texts, t => Assert.Equal(Facts(english[t.Key]), Facts(t.Value)));
            Assert.All(texts, t => Assert.False(HalfWidth().IsMatch(t.Value), $"{language.Name} {t.Key} has English punctuation: {t.Value}"));
        }
    }

    private static Dictionary<string, string> Read(ResourceManager manager, CultureInfo language) =>
        manager.GetResourceSet(language, createIfNotExists: true, tryParents: false)?.Cast<DictionaryEntry>().ToDictionary(e => (string)e.Key, e => (string)e.Value!)
        ?? throw new InvalidOperationException($"{manager.BaseName} has no texts in {language.Name}.");

    private static IEnumerable<string> Facts(string text) => Holes().Matches(text).Select(m => m.Value).Distinct().Order(StringComparer.Ordinal);

    [GeneratedRegex(@"\{\d+")]
    private static partial Regex Holes();

    // After a Chinese character only Chinese punctuation reads right.
    [GeneratedRegex(@"[\u4e00-\u9fff][,:;!?]")]
    private static partial Regex HalfWidth();
}
