using System.Globalization;
using AngleSharp.Dom;
using AngleSharp.Html.Parser;
using Countersign.Server.Features.Confirming.Pins;
using Countersign.Server.Http;
using Countersign.Server.Tests.Guards;
using Countersign.Server.Tests.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.Abstractions;
using Microsoft.AspNetCore.Mvc.ModelBinding;
using Microsoft.AspNetCore.Mvc.Rendering;
using Microsoft.AspNetCore.Mvc.ViewEngines;
using Microsoft.AspNetCore.Mvc.ViewFeatures;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Countersign.Server.Tests.Features.Confirming.Pins;

/// <summary>The part of a page that lists the rules, as pages to come will include it.</summary>
public sealed class PinAdviceTests(OnSqlite server)
{
    private const string Part = "/Features/Confirming/Pins/_PinAdvice.cshtml";

    [Theory]
    [InlineData("en", "Checked", "Checked as far as we know", "Not checked: keep to it yourself")]
    [InlineData("zh-Hant", "會檢查", "就所知資料檢查", "不會檢查：請自行遵守")]
    [InlineData("zh-Hans", "会检查", "就所知信息检查", "不会检查：请自行遵守")]
    public async Task Each_rule_says_whether_it_is_checked(string language, string whole, string partly, string advice)
    {
        var rules = server.App.Services.GetRequiredService<PinRules>().Advise(PinHolder.Unknown);

        var rows = (await RenderAsync(rules, language)).QuerySelectorAll("li.settings__row");

        Assert.Equal(rules.Count, rows.Length);
        Assert.Equal(
            rules.Select(r => r.Coverage switch { PinCoverage.Checked => whole, PinCoverage.Partly => partly, _ => advice }),
            rows.Select(r => r.QuerySelector(".chip")!.TextContent.Trim()));
        Assert.All(rows, r => Assert.DoesNotContain("rule.", r.TextContent, StringComparison.Ordinal));
    }

    [Fact]
    public void The_part_is_built_into_the_program() => Assert.Contains(Part, PageSources.Compiled);

    private async Task<IParentNode> RenderAsync(IReadOnlyList<PinAdvice> model, string language)
    {
        await using var scope = server.App.Services.CreateAsyncScope();
        var before = (CultureInfo.CurrentCulture, CultureInfo.CurrentUICulture);
        try
        {
            CultureInfo.CurrentUICulture = Languages.Match(language)!;
            await using var html = new StringWriter(CultureInfo.InvariantCulture);
            var action = new ActionContext(
                new DefaultHttpContext { RequestServices = scope.ServiceProvider }, new RouteData(), new ActionDescriptor());
            var view = scope.ServiceProvider.GetRequiredService<ICompositeViewEngine>().GetView(null, Part, isMainPage: false).View!;
            var data = new ViewDataDictionary<IReadOnlyList<PinAdvice>>(new EmptyModelMetadataProvider(), new ModelStateDictionary())
            {
                Model = model,
            };
            var temp = scope.ServiceProvider.GetRequiredService<ITempDataDictionaryFactory>().GetTempData(action.HttpContext);
            await view.RenderAsync(new ViewContext(action, view, data, temp, html, new HtmlHelperOptions()));
            return await new HtmlParser().ParseDocumentAsync(html.ToString());
        }
        finally
        {
            (CultureInfo.CurrentCulture, CultureInfo.CurrentUICulture) = before;
        }
    }
}
