using System.Globalization;
using System.Text.RegularExpressions;
using Countersign.Server.Features.Pages.Help;
using Countersign.Server.Http;
using Countersign.Server.Tests.Guards;
using Countersign.Server.Tests.Hosting;
using Countersign.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace Countersign.Server.Tests.Features.Pages.Help;

/// <summary>What holds for every article, those to come included.</summary>
public sealed partial class ArticleTests(OnSqlite server)
{
    private static readonly string[] Audiences = ["everyone", "clients", "applicants"];
    private static readonly string[] OwnIds = ["top", "contents", "still", "main"];
    private static readonly CultureInfo English = Languages.All[0];

    [Fact]
    public void The_index_and_the_files_are_the_same_articles()
    {
        var folder = Path.Combine(Repository.Root, "src", "Countersign.Server", "Features", "Pages", "Help", "Articles");
        var files = Directory.EnumerateFiles(folder, "*.md").Select(f => Path.GetFileName(f)).Order(StringComparer.Ordinal);
        var listed = from entry in ArticleIndex.Read() from language in Languages.All select $"{entry.Slug}.{language.Name}.md";

        Assert.Equal(listed.Order(StringComparer.Ordinal), files);
        Assert.All(ArticleIndex.Read(), e => Assert.Contains(e.Audience, Audiences));
    }

    [Fact]
    public void An_article_says_the_same_in_each_language()
    {
        foreach (var entry in ArticleIndex.Read())
        {
            var english = Shape(entry, English);
            foreach (var language in Languages.All)
            {
                Assert.Equal((entry.Slug, english), (entry.Slug, Shape(entry, language)));
            }
        }
    }

    [Fact]
    public void No_mark_is_left_over_and_no_anchor_is_the_pages_own()
    {
        var faults = from language in Languages.All
                     from article in Library.In(language).Articles
                     where Mark().IsMatch(article.Words) || article.Headings.Any(h => OwnIds.Contains(h.Anchor))
                     select $"{language}: {article.Entry.Slug}";

        Faults.None(faults);
    }

    [Fact]
    public void An_article_ends_with_what_to_do_next() =>
        Assert.All(Languages.All.SelectMany(l => Library.In(l).Articles), a => Assert.Equal("next", a.Headings[^1].Anchor));

    [Fact]
    public void Each_Chinese_is_written_in_its_own_characters()
    {
        const string Traditional = "們個這邊為發會時間請說開關電話號碼錯誤試後檢確認將應該從過還進送達導頁網設帳戶務員資料選擇變數續結護鑰環歷產聯訊處單對話讓實現業門問題編載機顯訂據權隨見無須與當內書點輸";
        const string Simplified = "们个这边为发会时间请说开关电话号码错误试后检确认将应该从过还进送达导页网设账户务员资料选择变数续结护钥环历产联讯处单对话让实现业门问题编载机显订据权随见无须与当内书点输";
        var onlyTraditional = Traditional.Except(Simplified).ToHashSet();
        var onlySimplified = Simplified.Except(Traditional).ToHashSet();
        var faults = from language in Languages.All.Skip(1)
                     let foreign = language.Name == "zh-Hant" ? onlySimplified : onlyTraditional
                     from article in Library.In(language).Articles
                     let found = (article.Title + article.Words).Where(foreign.Contains).Distinct().ToArray()
                     where found.Length > 0
                     select $"{language}: {article.Entry.Slug}: {new string(found)}";

        Faults.None(faults);
    }

    [Theory]
    [InlineData("Text without a title.", "does not begin")]
    [InlineData("# T\n\nText.\n\n## No anchor\n", "no {#anchor}")]
    [InlineData("# T\n\nText.\n\n## A {#a}\n\n## B {#a}\n", "no {#anchor}")]
    [InlineData("# T\n\nIt takes {no-such-fact}.\n", "no fact {no-such-fact}")]
    [InlineData("# T\n\nSee [[nowhere]].\n", "[[nowhere]] leads nowhere")]
    [InlineData("# T\n\nSee [[first-steps#nowhere]].\n", "[[first-steps#nowhere]] leads nowhere")]
    [InlineData("# T\n\n![A picture](https://elsewhere.example/a.png)\n", "LinkInline")]
    [InlineData("# T\n\n[Elsewhere](https://elsewhere.example/)\n", "LinkInline")]
    [InlineData("# T\n\n[Elsewhere](//elsewhere.example/)\n", "LinkInline")]
    [InlineData("# T\n\n[A script](javascript:alert(1))\n", "LinkInline")]
    [InlineData("# T\n\n<https://elsewhere.example/>\n", "AutolinkInline")]
    [InlineData("# T\n\nText.\n\n```\ncode\n```\n", "FencedCodeBlock")]
    public void A_mistake_in_an_article_stops_the_start(string text, string fault)
    {
        var refused = Assert.Throws<HelpException>(() => Render(text));

        Assert.Contains("test.en.md", refused.Message, StringComparison.Ordinal);
        Assert.Contains(fault, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Html_in_an_article_is_text_and_a_fact_is_text_whatever_it_holds()
    {
        var article = Render("# T\n\nA <script>alert(1)</script> of {broker}.\n");

        Assert.Equal("<p>A &lt;script&gt;alert(1)&lt;/script&gt; of **A&amp;B** &lt;b&gt;.</p>", article.Body.ToString()!.Trim());
    }

    private HelpLibrary Library => server.App.Services.GetRequiredService<HelpLibrary>();

    private static HelpArticle Render(string text)
    {
        var other = ArticleFiles.Read(ArticleIndex.Read()[0], English);
        var entry = new ArticleEntry(99, "test", "start", new DateOnly(2026, 1, 1), "everyone");
        var markdown = new ArticleMarkdown(
            slug => slug == "first-steps" ? other : null, new Dictionary<string, string> { ["broker"] = "**A&B** <b>" });
        return markdown.Render(ArticleFiles.Parse(entry, "test.en.md", text));
    }

    /// <summary>
    /// What translations have in common: headings, facts, references and links, each as often and the anchors in the same order.
    /// </summary>
    private static string Shape(ArticleEntry entry, CultureInfo language)
    {
        var source = ArticleFiles.Read(entry, language);
        var parts = Shared().Matches(source.Text).Select(m => m.Value).Order(StringComparer.Ordinal);
        return string.Join('\n', source.Headings.Select(h => $"{h.Level} {h.Anchor}").Concat(parts));
    }

    [GeneratedRegex(@"\{[^}]*\}|\[\[[^\]]*\]\]|\]\([^)]*\)|^\|[-|]+\||\[![A-Z]+\]|^\d\. |^- ", RegexOptions.Multiline)]
    private static partial Regex Shared();

    [GeneratedRegex(@"\*\*|\[\[|\]\]|\]\(|[{}]|\\")]
    private static partial Regex Mark();
}
