using System.Reflection;
using Countersign.Testing;
using Microsoft.AspNetCore.Razor.Hosting;

namespace Countersign.Server.Tests.Guards;

/// <summary>A page or a part of one, as it is written.</summary>
/// <param name="Path">Below the server's folder, such as <c>/Features/Pages/Help/Index.cshtml</c>.</param>
internal sealed record PageSource(string Path, string Text);

internal static class PageSources
{
    private static readonly string Root = Path.Combine(Repository.Root, "src", "Countersign.Server");

    public static IReadOnlyList<PageSource> All { get; } = [.. Read()];

    /// <summary>The paths under which pages and parts were built into the program.</summary>
    public static IReadOnlyList<string> Compiled { get; } =
        [.. TextFiles.Server.GetCustomAttributes<RazorCompiledItemAttribute>().Select(i => i.Identifier)];

    private static IEnumerable<PageSource> Read() =>
        from file in Directory.EnumerateFiles(Root, "*.cshtml", SearchOption.AllDirectories)
        select new PageSource("/" + Path.GetRelativePath(Root, file).Replace('\\', '/'), File.ReadAllText(file));
}
