using System.Globalization;
using System.Reflection;
using System.Text.RegularExpressions;
using Countersign.Testing;

namespace Countersign.Server.Tests.Guards;

/// <summary>What the threat model says of a decision names the tests that fail if it is false (D37).</summary>
public sealed partial class ClaimTests
{
    private const string Document = "docs/threat-model.md";

    [Fact]
    public void The_document_has_todays_table() => new GeneratedPart(Document, "claims").Holds(
        string.Join('\n', Claims().Select(c => $"| **{c.Key}** | {string.Join(", ", c.Select(t => $"`{t}`"))} |").Prepend(
            "| decision | fails if it is false |\n|---|---|")));

    /// <summary>The section of a decision says whether it is held; the other one holds what is still to come.</summary>
    [Fact]
    [Claim("D37")]
    public void Every_decision_that_is_held_has_a_test()
    {
        var text = File.ReadAllText(Path.Combine(Repository.Root, Document));
        var from = text.IndexOf("### Held in this release", StringComparison.Ordinal);
        var to = text.IndexOf("### Planned", StringComparison.Ordinal);
        var held = Row().Matches(text[from..to]).Select(m => m.Groups["id"].Value).ToList();

        Assert.NotEmpty(held);
        Assert.Empty(held.Except(Claims().Select(c => c.Key)));
    }

    [Fact]
    public void Every_decision_has_its_row_once()
    {
        var text = File.ReadAllText(Path.Combine(Repository.Root, Document));
        var rows = Row().Matches(text[..text.IndexOf("<!-- claims: begin -->", StringComparison.Ordinal)])
            .Select(m => Number(m.Groups["id"].Value))
            .Order();

        Assert.Equal(Enumerable.Range(1, 37), rows);
    }

    private static IEnumerable<IGrouping<string, string>> Claims() =>
        from type in typeof(ClaimTests).Assembly.GetTypes()
        from member in type.GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly).Append<MemberInfo>(type)
        from claim in member.GetCustomAttributes<ClaimAttribute>(inherit: false)
        let test = member is Type ? type.Name : $"{type.Name}.{member.Name}"
        orderby Number(claim.Decision), test
        group test by claim.Decision;

    private static int Number(string decision) => int.Parse(decision.AsSpan(1), CultureInfo.InvariantCulture);

    [GeneratedRegex(@"^\| \*\*(?<id>D\d+)\*\* ", RegexOptions.Multiline)]
    private static partial Regex Row();
}
