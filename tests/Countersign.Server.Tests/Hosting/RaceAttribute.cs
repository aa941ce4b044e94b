using Xunit.v3;

namespace Countersign.Server.Tests.Hosting;

/// <summary>A test, or a class of them, in which things happen at the same moment: <c>eng/race</c> runs it many times.</summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Method)]
public sealed class RaceAttribute : Attribute, ITraitAttribute
{
    public IReadOnlyCollection<KeyValuePair<string, string>> GetTraits() => [new("Kind", "race")];
}
