using System.Reflection;
using System.Text.RegularExpressions;
using Countersign.Testing;

namespace Countersign.Server.Tests.Guards;

/// <summary>What the documents promise is there.</summary>
public sealed partial class DocumentationTests
{
    [Fact]
    public void Each_setting_is_described_and_nothing_else_is()
    {
        var settings = typeof(CountersignHost).Assembly.GetTypes()
            .Where(t => t.GetField("Section", BindingFlags.Public | BindingFlags.Static) is { IsLiteral: true })
            .SelectMany(t => t.GetProperties().Where(p => p.SetMethod is not null || p.PropertyType.IsGenericType).Select(p => $"{t.GetField("Section")!.GetRawConstantValue()}:{p.Name}"));
        var described = Row().Matches(File.ReadAllText(Path.Combine(Repository.Root, "docs/operations.md"))).Select(m => m.Groups[1].Value);

        Assert.Equal(settings.Order(), described.Order());
    }

    [Fact]
    public void Each_link_leads_somewhere()
    {
        var broken = new List<string>();
        foreach (var file in Directory.EnumerateFiles(Repository.Root, "*.md").Concat(Directory.EnumerateFiles(Path.Combine(Repository.Root, "docs"), "*.md", SearchOption.AllDirectories)))
        {
            foreach (Match link in Link().Matches(File.ReadAllText(file)))
            {
                var target = link.Groups[1].Value.Split('#')[0];
                if (target.Length > 0 && !target.StartsWith("http", StringComparison.Ordinal) && !Path.Exists(Path.Combine(Path.GetDirectoryName(file)!, target)))
                {
                    broken.Add($"{file}: {target}");
                }
            }
        }

        Assert.Empty(broken);
    }

    [Fact]
    public void Each_test_that_the_threat_model_names_exists()
    {
        var model = File.ReadAllText(Path.Combine(Repository.Root, "docs/threat-model.md"));
        var tests = Directory.EnumerateFiles(Path.Combine(Repository.Root, "tests"), "*.cs", SearchOption.AllDirectories).Select(Path.GetFileNameWithoutExtension).ToHashSet();

        Assert.All(TestName().Matches(model).Select(m => m.Groups[1].Value), name => Assert.Contains(name, tests));
    }

    [GeneratedRegex(@"(?m)^\| ((?:[A-Z][A-Za-z]+:)+[A-Za-z0-9]+) \|")]
    private static partial Regex Row();

    [GeneratedRegex(@"\]\(([^)\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex("`([A-Za-z]+Tests|EveryPage)`")]
    private static partial Regex TestName();
}
