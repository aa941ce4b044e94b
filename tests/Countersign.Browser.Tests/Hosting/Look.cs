using Deque.AxeCore.Commons;
using Deque.AxeCore.Playwright;
using Microsoft.Playwright;

namespace Countersign.Browser.Tests.Hosting;

/// <summary>Looks at a page on a phone and on a desk, light and dark: accessible, nothing wider than the window, and a picture for people.</summary>
internal static class Look
{
    /// <summary>Notes script errors and what the content policy stopped.</summary>
    public static void Listen(IPage page, List<string> faults)
    {
        page.PageError += (_, error) => faults.Add($"{page.Url}: script error: {error}");
        page.Console += (_, message) =>
        {
            if (message.Text.Contains("Content Security Policy", StringComparison.Ordinal) || message.Text.Contains("TrustedHTML", StringComparison.Ordinal))
            {
                faults.Add($"{page.Url}: {message.Text}");
            }
        };
    }

    public static async Task EverywhereAsync(IPage page, string name, string language, List<string> faults)
    {
        foreach (var (width, dark) in new[] { (1280, false), (1280, true), (390, true), (390, false), (320, false) })
        {
            await page.SetViewportSizeAsync(width, width < 600 ? 844 : 900);
            await page.EmulateMediaAsync(new PageEmulateMediaOptions { ColorScheme = dark ? ColorScheme.Dark : ColorScheme.Light, ReducedMotion = ReducedMotion.Reduce });
            var place = $"{name}-{width}-{(dark ? "dark" : "light")}-{language}";
            if (width != 320)
            {
                await page.ScreenshotAsync(new PageScreenshotOptions { Path = Path.Combine(DemoInBrowser.Pictures, place + ".png"), FullPage = true });
            }

            if (await page.EvaluateAsync<bool>("() => document.documentElement.scrollWidth > window.innerWidth"))
            {
                faults.Add(place + ": wider than the window");
            }

            if ((width, dark) is (1280, false) or (390, true))
            {
                faults.AddRange((await page.RunAxe(new AxeRunOptions())).Violations.Select(v => $"{place}: axe {v.Id}: {v.Help} ({string.Join(", ", v.Nodes.Select(n => n.Target))})"));
            }
        }
    }
}
