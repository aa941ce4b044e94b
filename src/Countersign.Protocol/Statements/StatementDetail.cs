namespace Countersign.Protocol.Statements;

/// <summary>One line of the facts that a person was shown beside a statement's text, such as an amount.</summary>
/// <param name="Name">What the fact is called.</param>
/// <param name="Value">The fact, as it was shown.</param>
public readonly record struct StatementDetail(string Name, string Value);
