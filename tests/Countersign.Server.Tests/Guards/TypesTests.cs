using System.Reflection;
using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Razor.TagHelpers;

namespace Countersign.Server.Tests.Guards;

/// <summary>What the build cannot see of the house's rules.</summary>
public sealed class TypesTests
{
    private const int MostParameters = 7;

    private static readonly Assembly Server = typeof(CountersignHost).Assembly;

    /// <summary>ASP.NET Core silently passes over internal tag helpers and over internal requests; nothing else is for others.</summary>
    [Fact]
    public void Only_tag_helpers_and_requests_are_public() =>
        Assert.Empty(Server.GetExportedTypes().Where(t => !IsTagHelper(t) && !IsRequest(t) && !IsMade(t)).Select(t => t.FullName));

    [Fact]
    public void Every_tag_helper_is_public() =>
        Assert.Empty(Server.GetTypes().Where(t => IsTagHelper(t) && !t.IsVisible).Select(t => t.FullName));

    [Fact]
    public void Classes_are_sealed_unless_made_to_derive_from() => Assert.Empty(
        Server.GetTypes()
            .Where(t =>
                t is { IsClass: true, IsSealed: false, IsAbstract: false } && !IsMade(t) && !Server.GetTypes().Any(d => d.BaseType == t))
            .Select(t => t.FullName));

    /// <summary>A class that asks for more does more than one thing. Records are rows and views: they hold what they hold.</summary>
    [Fact]
    public void A_constructor_takes_no_more_than_seven_things() => Faults.None(
        from type in Server.GetTypes()
        where type.IsClass && !IsMade(type) && !IsRecord(type)
        from constructor in type.GetConstructors(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic)
        let count = constructor.GetParameters().Length
        where count > MostParameters
        orderby count descending
        select $"{type.FullName} takes {count} things");

    private static bool IsRecord(Type type) => type.GetMethod("<Clone>$") is not null;

    private static bool IsTagHelper(Type type) => typeof(ITagHelper).IsAssignableFrom(type) && !type.IsAbstract;

    private static bool IsRequest(Type type) => type.IsNested && type.Name is "Request" or "Report";

    /// <summary>Written by a generator or the compiler.</summary>
    private static bool IsMade(Type type) =>
        type.Name.Contains('<', StringComparison.Ordinal)
            || type.IsDefined(typeof(CompilerGeneratedAttribute), inherit: false)
            || type.Namespace is null or "AspNetCoreGeneratedDocument"
            || type.Namespace.StartsWith("Countersign.Server.Data.Migrations", StringComparison.Ordinal)
            || (type.DeclaringType is { } outer && IsMade(outer));
}
