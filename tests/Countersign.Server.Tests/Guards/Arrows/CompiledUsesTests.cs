using Countersign.Server.Tests.Guards.Arrows.Samples;

namespace Countersign.Server.Tests.Guards.Arrows;

/// <summary>The test of the arrows is worth what its reader sees.</summary>
public sealed class CompiledUsesTests
{
    private static readonly Lazy<IReadOnlySet<TypeUse>> Own = new(() => CompiledUses.In(typeof(CompiledUsesTests).Assembly));

    public static TheoryData<string> Users =>
    [
        nameof(InASignature), nameof(InAGenericArgument), nameof(InAnAttribute), nameof(InAnAttributesArray), nameof(InAField),
        nameof(InAConstraint),
        nameof(InALambda), nameof(InAnAsyncMethod), nameof(InAnIterator), nameof(ByMaking), nameof(ByAStaticCall), nameof(ByItsType),
        nameof(ByACast), nameof(ByAGenericCall), nameof(ByCatching), nameof(InANestedType), nameof(ByANestedType),
    ];

    [Theory]
    [MemberData(nameof(Users))]
    public void A_use_is_seen(string user) => Assert.Contains(Named(user), name => name == nameof(Used));

    [Fact]
    public void What_is_not_used_is_not_seen() => Assert.DoesNotContain(Named(nameof(Stranger)), name => name == nameof(Used));

    [Fact]
    public void A_page_is_where_its_source_is()
    {
        var views = CompiledUses.In(
            typeof(CountersignHost).Assembly).Select(u => u.From).Where(t => t.View is not null).Distinct().ToList();

        Assert.Contains(views, v => HouseOrder.PartOf(v) == "Pages/Help");
        Assert.Contains(views, v => HouseOrder.PartOf(v) == "Http");
        // Imports are compiled into pages and name nothing themselves.
        Assert.Equal(
            PageSources.Compiled.Where(p => !p.EndsWith("/_ViewImports.cshtml", StringComparison.Ordinal)).Order(StringComparer.Ordinal),
            views.Select(v => v.View!).Order(StringComparer.Ordinal));
    }

    private static IEnumerable<string> Named(string user) => Own.Value.Where(u => u.From.Name == user).Select(u => u.To.Name);
}
