using System.Collections;
using System.Globalization;
using System.Reflection;
using System.Resources;
using System.Text.RegularExpressions;
using Countersign.Server.Features.Audit;
using Countersign.Server.Features.Challenges;
using Countersign.Server.Features.Devices;
using Countersign.Server.Features.Messages;
using Countersign.Server.Features.Notices;
using Countersign.Server.Http;
using Countersign.Testing;

namespace Countersign.Server.Tests.Guards;

/// <summary>Every text exists in every language, says the same facts, and every code has one.</summary>
public sealed partial class TextTests
{
    private static readonly Assembly Server = typeof(CountersignHost).Assembly;

    public static TheoryData<string> Anchors =>
        [.. Server.GetManifestResourceNames().Where(n => n.EndsWith(".resources", StringComparison.Ordinal)).Select(n => n[..^".resources".Length])];

    [Theory]
    [MemberData(nameof(Anchors))]
    public void Each_text_is_there_in_each_language_with_the_same_placeholders(string anchor)
    {
        var english = Texts(anchor, CultureInfo.InvariantCulture);
        Assert.NotEmpty(english);
        foreach (var language in Languages.All.Where(l => l.Name != "en"))
        {
            var other = Texts(anchor, language);

            Assert.Equal(english.Keys.Order(), other.Keys.Order());
            Assert.All(english, text =>
            {
                Assert.False(string.IsNullOrWhiteSpace(other[text.Key]), text.Key);
                Assert.Equal(Placeholders(text.Value), Placeholders(other[text.Key]));
                Assert.DoesNotMatch(EnglishPunctuation(), other[text.Key]);
            });
        }
    }

    [Fact]
    public void Each_refusal_has_words()
    {
        var errors = Server.GetTypes().SelectMany(t => t.GetFields(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic))
            .Where(f => f.FieldType == typeof(Error)).Select(f => ((Error)f.GetValue(null)!).Code).ToList();
        var texts = Texts(typeof(ErrorText).FullName!, CultureInfo.InvariantCulture);

        Assert.NotEmpty(errors);
        Assert.Equal(errors.Order(), errors.Distinct().Order());
        Assert.All(errors, code => Assert.Contains(code, texts.Keys));
        Assert.All(texts.Keys, code => Assert.Contains(code, errors));
    }

    [Fact]
    public void Each_audit_event_has_a_sentence()
    {
        var events = typeof(AuditEvents).GetFields().Select(f => (string)f.GetRawConstantValue()!).ToList();

        Assert.Equal(events.Order(), Texts(typeof(AuditText).FullName!, CultureInfo.InvariantCulture).Keys.Order());
    }

    [Fact]
    public void Each_notice_can_be_told_by_mail_and_SMS_and_each_delivery_in_words()
    {
        var texts = Texts(typeof(MessageText).FullName!, CultureInfo.InvariantCulture);

        foreach (var notice in Enum.GetNames<Notice>().Select(System.Text.Json.JsonNamingPolicy.KebabCaseLower.ConvertName))
        {
            Assert.All(["subject", "email", "sms"], part => Assert.Contains($"notice-{notice}.{part}", texts.Keys));
        }

        Assert.All(Enum.GetNames<MessageState>(), state => Assert.Contains("delivery." + state.ToLowerInvariant(), texts.Keys));
    }

    [Fact]
    public void Each_kind_has_a_name_and_its_part_of_the_page()
    {
        var names = Texts(typeof(DeviceText).FullName!, CultureInfo.InvariantCulture);
        var kinds = Server.GetTypes().Where(t => t.IsAssignableTo(typeof(IDeviceKind)) && t.IsClass).ToList();

        Assert.NotEmpty(kinds);
        Assert.All(kinds, kind =>
        {
            Assert.Contains("kind." + kind.GetField("KindId")!.GetRawConstantValue(), names.Keys);
            Assert.True(File.Exists(Path.Combine(Repository.Root, "src", kind.Namespace!.Replace("Countersign.Server", "Countersign.Server/", StringComparison.Ordinal).Replace('.', '/').Replace("Countersign/Server/", "Countersign.Server", StringComparison.Ordinal), "_Prompt.cshtml")), kind.FullName);
        });
    }

    [Fact]
    public void No_page_carries_a_style_a_script_or_a_handler_of_its_own()
    {
        var pages = Directory.EnumerateFiles(Path.Combine(Repository.Root, "src/Countersign.Server"), "*.cshtml", SearchOption.AllDirectories).Where(p => !p.Contains("/obj/", StringComparison.Ordinal)).ToList();

        Assert.NotEmpty(pages);
        Assert.All(pages, page => Assert.DoesNotMatch(Inline(), File.ReadAllText(page)));
    }

    private static Dictionary<string, string> Texts(string anchor, CultureInfo language)
    {
        var set = new ResourceManager(anchor, Server).GetResourceSet(language, createIfNotExists: true, tryParents: false);
        return set?.Cast<DictionaryEntry>().ToDictionary(e => (string)e.Key, e => (string)e.Value!, StringComparer.Ordinal) ?? [];
    }

    private static List<string> Placeholders(string text) => [.. Placeholder().Matches(text).Select(m => m.Value).Distinct().Order(StringComparer.Ordinal)];

    [GeneratedRegex(@"\{\d+[^}]*\}")]
    private static partial Regex Placeholder();

    // After a Chinese character only Chinese punctuation reads right.
    [GeneratedRegex(@"[\u4e00-\u9fff][,:;!?]")]
    private static partial Regex EnglishPunctuation();

    [GeneratedRegex("""<style|\sstyle=|<script(?![^>]*\ssrc=)|\son[a-z]+=""")]
    private static partial Regex Inline();
}
