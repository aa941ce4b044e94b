using System.Net;
using Countersign.Server.Tests.Hosting;

namespace Countersign.Server.Tests.Features.Pages.Regulations;

/// <summary>The rules are named with what a reader needs to look them up.</summary>
public abstract class RegulationsTests(CountersignServer server)
{
    [Theory]
    [InlineData("en", "Hong Kong", "27 Oct 2017", "article 1.1", "Hong Kong Monetary Authority", "India", "25 Mar 2014", "3b")]
    [InlineData("zh-HK", "香港", "2017年10月27日", "第 1.1 條", "金管局", "印度", "2014年3月25日", "3b")]
    [InlineData("zh-CN", "香港", "2017年10月27日", "第 1.1 条", "金管局", "印度", "2014年3月25日", "3b")]
    public async Task The_page_names_each_rule_in(string language, params string[] words)
    {
        using var browser = server.Browser(language: language);

        var page = await browser.GetAsync("/regulations");

        Assert.Equal(HttpStatusCode.OK, page.Status);
        Assert.Equal(3, page.Document.QuerySelectorAll("tbody tr").Length);
        Assert.All(words, w => Assert.Contains(w, page.Text, StringComparison.Ordinal));
    }
}

public sealed class RegulationsOnSqlite(OnSqlite server) : RegulationsTests(server);

public sealed class RegulationsOnPostgres(OnPostgres server) : RegulationsTests(server);
