namespace Countersign.Server.Tests.Guards;

/// <summary>
/// Names the security decision that is broken where this test fails, or a test of this class (D37). The threat model's table of claims is
/// made from it.
/// </summary>
/// <param name="decision">Such as <c>D2</c>.</param>
[AttributeUsage(AttributeTargets.Method | AttributeTargets.Class, AllowMultiple = true)]
public sealed class ClaimAttribute(string decision) : Attribute
{
    public string Decision { get; } = decision;
}
