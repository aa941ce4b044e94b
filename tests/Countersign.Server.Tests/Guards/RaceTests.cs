using System.Reflection;
using Countersign.Server.Tests.Hosting;

namespace Countersign.Server.Tests.Guards;

/// <summary>That <c>eng/race</c> finds every test whose name says that it is a race.</summary>
public sealed class RaceTests
{
    private static readonly string[] Beginnings =
        ["Of_fifty_", "Of_many_", "Of_thirty_", "Of_a_hundred_", "Of_two_who_", "Of_right_and_wrong_"];

    [Fact]
    public void What_is_named_as_a_race_is_marked_as_one()
    {
        var races = typeof(RaceTests).Assembly.GetTypes()
            .SelectMany(type => type.GetMethods(BindingFlags.Instance | BindingFlags.Public | BindingFlags.DeclaredOnly))
            .Where(test => test.IsDefined(typeof(FactAttribute)) && Array.Exists(Beginnings, test.Name.StartsWith))
            .ToList();

        Assert.NotEmpty(races);
        Faults.None(
            from test in races
            where !test.IsDefined(typeof(RaceAttribute)) && test.DeclaringType?.IsDefined(typeof(RaceAttribute)) != true
            select $"{test.DeclaringType}.{test.Name} lacks [Race]");
    }
}
