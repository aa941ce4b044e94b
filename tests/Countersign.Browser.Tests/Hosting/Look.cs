using Countersign.Testing;
using Deque.AxeCore.Commons;
using Microsoft.Playwright;

namespace Countersign.Browser.Tests.Hosting;

/// <summary>
/// Looks at a page on a phone and on a desk, light and dark: accessible, nothing wider than the window, and a picture for people.
/// </summary>
internal static class Look
{
    /// <summary>Where pictures are kept for people to look at; none are taken without it.</summary>
    private static readonly string? Folder = Environment.GetEnvironmentVariable("COUNTERSIGN_SCREENSHOTS") is { Length: > 0 } folder
        ? Directory.CreateDirectory(Path.GetFullPath(folder, Repository.Root)).FullName
        : null;

    // The library's own call opens a page more for each run, which takes longer than the run. No page of ours has frames.
    private static readonly string Axe = new BundledAxeScriptProvider().GetScript();
    private const string RunAxe =
        """
        async () => (await axe.run(document, { resultTypes: ['violations'] })).violations
            .map(v => `axe ${v.id}: ${v.help} (${v.nodes.map(n => n.target).join(', ')})`)
        """;

    /// <summary>Notes script errors and what the content policy stopped.</summary>
    public static void Listen(IPage page, List<string> faults)
    {
        page.PageError += (_, error) => faults.Add($"{page.Url}: script error: {error}");
        page.Console += (_, message) =>
        {
            if (message.Text.Contains("Content Security Policy", StringComparison.Ordinal)
                || message.Text.Contains("TrustedHTML", StringComparison.Ordinal))
            {
                faults.Add($"{page.Url}: {message.Text}");
            }
        };
    }

    /// <summary>
    /// Waits until the browser stands on an address and has read its page to the end. Not for the event of its being loaded: a wait that
    /// begins at the moment of that event can miss it.
    /// </summary>
    public static async Task ArriveAsync(this IPage page, string url)
    {
        await page.WaitForURLAsync(url, new PageWaitForURLOptions { WaitUntil = WaitUntilState.Commit });
        await page.WaitForSelectorAsync("footer", new PageWaitForSelectorOptions { State = WaitForSelectorState.Attached });
    }

    /// <summary>
    /// The check on a desk in light and on a phone in dark, and the narrowest window that counts. Who wants pictures gets the other two
    /// as well. Leaves the window as wide as a desk.
    /// </summary>
    public static async Task EverywhereAsync(IPage page, string name, string language, List<string> faults)
    {
        await page.WaitForFunctionAsync("() => document.readyState === 'complete'");
        foreach (var (width, dark) in new[] { (320, false), (390, false), (390, true), (1280, true), (1280, false) })
        {
            var isPictureOnly = (width, dark) is (390, false) or (1280, true);
            if (isPictureOnly && Folder is null)
            {
                continue;
            }

            await page.SetViewportSizeAsync(width, width < 600 ? 844 : 900);
            await page.EmulateMediaAsync(new PageEmulateMediaOptions
            {
                ColorScheme = dark ? ColorScheme.Dark : ColorScheme.Light,
                ReducedMotion = ReducedMotion.Reduce,
            });
            var place = $"{name}-{width}-{(dark ? "dark" : "light")}-{language}";
            if (await page.EvaluateAsync<bool>("() => document.documentElement.scrollWidth > window.innerWidth"))
            {
                faults.Add(place + ": wider than the window");
            }

            if (width == 320)
            {
                continue;
            }

            await PictureAsync(page, place);
            if (!isPictureOnly)
            {
                if (!await page.EvaluateAsync<bool>("() => 'axe' in window"))
                {
                    await page.EvaluateAsync(Axe);
                }

                faults.AddRange((await page.EvaluateAsync<string[]>(RunAxe)).Select(fault => $"{place}: {fault}"));
            }
        }
    }

    /// <summary>Keeps a picture of the whole page, when somebody named a folder for them: they take as long as all the rest.</summary>
    public static async Task PictureAsync(IPage page, string name)
    {
        if (Folder is not null)
        {
            await page.ScreenshotAsync(new PageScreenshotOptions { Path = Path.Combine(Folder, name + ".png"), FullPage = true });
        }
    }
}
