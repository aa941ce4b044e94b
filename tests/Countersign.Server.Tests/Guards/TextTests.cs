using System.Globalization;
using System.Reflection;
using System.Text.Json;
using System.Text.RegularExpressions;
using Countersign.Server.Features.Confirming.Devices;
using Countersign.Server.Features.Ground.Audit;
using Countersign.Server.Features.Messaging.Messages;
using Countersign.Server.Features.Messaging.Notices;
using Countersign.Server.Http;
using Countersign.Server.Tests.Hosting;
using Countersign.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace Countersign.Server.Tests.Guards;

/// <summary>Whatever the program can say, it can say in each language.</summary>
public sealed partial class TextTests(OnSqlite server)
{
    private static readonly string[] NoticeParts = ["subject", "email", "sms"];

    public static TheoryData<string> AnchorNames => TextFiles.AnchorNames;

    [Fact]
    public void There_are_texts_in_three_languages()
    {
        Assert.Equal(["en", "zh-Hant", "zh-Hans"], Languages.All.Select(l => l.Name));
        Assert.Contains(typeof(ErrorText).FullName!, TextFiles.Anchors);
    }

    [Theory]
    [MemberData(nameof(AnchorNames))]
    public void A_file_of_texts_has_its_anchor(string anchor) => Assert.NotNull(TextFiles.Server.GetType(anchor));

    [Theory]
    [MemberData(nameof(AnchorNames))]
    public void A_text_exists_in_each_language_or_in_none(string anchor)
    {
        var keys = TextFiles.Read(anchor, TextFiles.First).Keys.Order(StringComparer.Ordinal).ToList();

        Assert.NotEmpty(keys);
        foreach (var language in TextFiles.Translations)
        {
            Assert.Equal(keys, TextFiles.Read(anchor, language).Keys.Order(StringComparer.Ordinal));
        }
    }

    [Theory]
    [MemberData(nameof(AnchorNames))]
    public void A_translation_fills_in_the_same_values(string anchor)
    {
        var first = TextFiles.Read(anchor, TextFiles.First);
        var faults = from language in TextFiles.Translations
                     from text in TextFiles.Read(anchor, language)
                     where first.TryGetValue(text.Key, out var english) && !Places(english).SetEquals(Places(text.Value))
                     select $"{language}: {text.Key}: {text.Value}";

        Faults.None(faults);
    }

    [Theory]
    [MemberData(nameof(AnchorNames))]
    public void A_text_is_not_empty_and_can_be_filled_in(string anchor)
    {
        foreach (var (key, text) in Languages.All.SelectMany(l => TextFiles.Read(anchor, l)))
        {
            Assert.False(string.IsNullOrWhiteSpace(text), key);
            Assert.Equal(text.Trim(), text);
            CompositeFormat(text);
        }
    }

    /// <summary>A copy of the other script is the mistake that a reader of neither would not see.</summary>
    [Fact]
    public void Each_Chinese_is_written_in_its_own_characters()
    {
        const string Traditional = "們個這邊為發會時間請說開關電話號碼錯誤試後檢確認將應該從過還進送達導頁網設帳戶務員資料選擇變數續結護鑰環歷產聯訊處單對話讓實現業門問題";
        const string Simplified = "们个这边为发会时间请说开关电话号码错误试后检确认将应该从过还进送达导页网设帐户务员资料选择变数续结护钥环历产联讯处单对话让实现业门问题";
        var onlyTraditional = Traditional.Except(Simplified).ToHashSet();
        var onlySimplified = Simplified.Except(Traditional).ToHashSet();
        var faults = from anchor in TextFiles.Anchors
                     from language in TextFiles.Translations
                     let foreign = language.Name == "zh-Hant" ? onlySimplified : onlyTraditional
                     from text in TextFiles.Read(anchor, language)
                     where text.Value.Any(foreign.Contains)
                     select $"{language}: {text.Key}: {text.Value}";

        Faults.None(faults);
    }

    [Fact]
    public void Every_refusal_has_a_text_and_every_text_a_refusal()
    {
        var errors = StaticErrors().ToList();

        Assert.NotEmpty(errors);
        Assert.Equal(errors.Count, errors.Distinct(StringComparer.Ordinal).Count());
        Faults.None(TextFiles.Differences<ErrorText>(errors));
    }

    [Fact]
    public void Every_audit_event_has_a_sentence() => Faults.None(TextFiles.Differences<AuditText>(
        typeof(AuditEvents).GetFields(BindingFlags.Public | BindingFlags.Static).Select(f => (string)f.GetRawConstantValue()!)));

    [Fact]
    public void Every_notice_and_every_state_of_delivery_has_its_texts()
    {
        var notices = from notice in Enum.GetNames<Notice>()
                      from part in NoticeParts
                      select $"notice-{JsonNamingPolicy.KebabCaseLower.ConvertName(notice)}.{part}";
        var deliveries = Enum.GetNames<MessageState>().Select(s => "delivery." + s.ToLowerInvariant());

        Faults.None(TextFiles.Differences<MessageText>([
            .. notices, .. deliveries, "code.sms", "code.voice", "code.subject", "code.email", "topic-message.sms", "not-me-link.sms",
            "not-me-link.email", "not-me-code.sms", "not-me-code.email", .. NoticeParts.Select(p => "notice-again." + p),
        ]));
    }

    [Fact]
    public void Every_kind_of_device_has_a_name_and_a_part_of_the_page()
    {
        var kinds = server.App.Services.GetServices<IDeviceKind>().ToList();
        var catalog = server.App.Services.GetRequiredService<KindCatalog>();

        Assert.NotEmpty(kinds);
        foreach (var kind in kinds)
        {
            string[] texts = kind is IAddableKind ? ["kind", "about", "label", "add.step"] : ["kind"];
            string[] views = kind is IAddableKind addable
                ? addable.AsksFirst ? ["_Prompt", "_Activate", "_Add"] : ["_Prompt", "_Activate"]
                : ["_Prompt"];

            Faults.None(TextFiles.Missing(kind.Texts, texts));
            Assert.All(views, v => Assert.Contains(catalog.View(kind.Id, v), PageSources.Compiled));
        }
    }

    /// <summary>A text that is not there shows its key to the client, in every language.</summary>
    [Fact]
    public void Every_text_that_a_page_names_exists()
    {
        var asked = PageSources.All.SelectMany(AskedFor).ToList();

        Assert.NotEmpty(asked);
        Faults.None(asked.Where(a => !TextFiles.Read(a.Anchor, TextFiles.First).ContainsKey(a.Key)).Select(
            a => $"{a.Page}: {a.Anchor} has no {a.Key}"));
    }

    /// <summary>Texts are code: what nobody says is dead.</summary>
    [Fact]
    public void Every_text_is_said_somewhere()
    {
        var sources = string.Join(
            '\n', Directory.EnumerateFiles(Path.Combine(Repository.Root, "src", "Countersign.Server"), "*.cs*", SearchOption.AllDirectories)
                .Where(f => f.EndsWith(".cs", StringComparison.Ordinal) || f.EndsWith(".cshtml", StringComparison.Ordinal))
                .Select(File.ReadAllText));
        var silent = from anchor in TextFiles.Anchors
                     from key in TextFiles.Read(anchor, TextFiles.First).Keys
                     where !IsSaid(sources, key)
                     select $"{anchor}: {key}";

        Faults.None(silent);
    }

    /// <summary>The key stands in the source as it is, or put together at a dot: <c>"kind." + id</c>, <c>topic + ".text"</c>.</summary>
    private static bool IsSaid(string sources, string key)
    {
        // Statuses of error pages, and notices, are named by numbers and by an enum; other tests here count them.
        if (key.All(char.IsAsciiDigit) || key.StartsWith("notice-", StringComparison.Ordinal))
        {
            return true;
        }

        var parts = key.Split('.');
        return Contains(key)
            || Enumerable.Range(1, parts.Length - 1).Any(n => Contains(string.Join('.', parts[..n]) + ".") || EndsAs(parts, n));

        bool Contains(string literal) => sources.Contains($"\"{literal}\"", StringComparison.Ordinal);
        bool EndsAs(string[] parts, int n) => Contains("." + string.Join('.', parts[n..])) && IsSaid(sources, string.Join('.', parts[..n]));
    }

    private static IEnumerable<(string Page, string Anchor, string Key)> AskedFor(PageSource page)
    {
        foreach (Match injected in Injected().Matches(page.Text))
        {
            var name = injected.Groups["anchor"].Value.Split('.')[^1];
            var anchor = Assert.Single(TextFiles.Anchors, a => a.EndsWith("." + name, StringComparison.Ordinal));
            foreach (Match asked in Regex.Matches(page.Text, $@"\b{injected.Groups["name"].Value}\[""(?<key>[^""]+)""(?=[\],])"))
            {
                yield return (page.Path, anchor, asked.Groups["key"].Value);
            }
        }
    }

    private static IEnumerable<string> StaticErrors() =>
        from type in TextFiles.Server.GetTypes()
        from field in type.GetFields(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly)
        where field.FieldType == typeof(Error)
        select ((Error)field.GetValue(null)!).Code;

    private static HashSet<string> Places(string text) => [.. Place().Matches(text).Select(m => m.Groups[1].Value)];

    private static void CompositeFormat(string text) =>
        _ = System.Text.CompositeFormat.Parse(text).MinimumArgumentCount.ToString(CultureInfo.InvariantCulture);

    [GeneratedRegex(@"\{(\d+)[^}]*\}")]
    private static partial Regex Place();

    [GeneratedRegex(@"@inject IStringLocalizer<(?<anchor>[\w.]+)> (?<name>\w+)")]
    private static partial Regex Injected();
}
