using System.Reflection;
using Countersign.Server.Tests.Guards.Arrows;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace Countersign.Server.Tests.Guards;

/// <summary>
/// Neither a purpose nor a page gets hold of a secret that answers: only kinds do. By type, so that nobody has to remember it. What a
/// generic method would return for any type is not to be seen here; <see cref="Countersign.Server.Data.Protection.RowProtection"/>
/// alone opens so.
/// </summary>
public sealed class OpenedCredentialTests
{
    private const string Opened = "OpenedCredential";
    private const string Kind = "IDeviceKind";
    private const string Purpose = "Purpose`2";

    private static readonly Assembly Server = typeof(CountersignHost).Assembly;

    [Fact]
    [Claim("D28")]
    public void No_page_and_no_purpose_gets_hold_of_an_opened_credential()
    {
        var kind = Find(Kind);
        var reach = new Reach(Server, Find(Opened), kind.IsAssignableFrom);
        var starts = PagesAndPurposes();

        Assert.NotEmpty(starts);
        Faults.None(starts.SelectMany(reach.WaysFrom));
    }

    /// <summary>A static method would not have to be got hold of.</summary>
    [Fact]
    public void No_page_and_no_purpose_names_an_opened_credential()
    {
        var opened = Find(Opened);
        var starts = PagesAndPurposes().Select(s => s.FullName).ToHashSet(StringComparer.Ordinal);

        Faults.None(
            from use in CompiledUses.In(Server)
            where use.To.ToString() == opened.FullName && (starts.Contains(use.From.ToString()) || use.From.View is not null)
            select $"{use.From} → {use.To}");
    }

    private static List<Type> PagesAndPurposes()
    {
        var purpose = Find(Purpose);
        var all = Server.GetTypes().Where(t => t.IsSubclassOf(typeof(PageModel)) || BaseTypes(t).Contains(purpose)).ToList();

        Assert.Contains(all, t => BaseTypes(t).Contains(purpose));
        Assert.Contains(all, t => t.IsSubclassOf(typeof(PageModel)));
        return all;
    }

    private static IEnumerable<Type> BaseTypes(Type type)
    {
        for (var one = type.BaseType; one is not null; one = one.BaseType)
        {
            yield return one.IsGenericType ? one.GetGenericTypeDefinition() : one;
        }
    }

    /// <summary>By name: where in the house it stands is its own affair.</summary>
    private static Type Find(string name)
    {
        var found = Server.GetTypes().Where(t => t.Name == name && !t.IsNested).ToList();
        Assert.True(found.Count == 1, $"type not found: {name} ({found.Count} of this name)");
        return found[0];
    }
}
