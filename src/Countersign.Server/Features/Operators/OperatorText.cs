namespace Countersign.Server.Features.Operators;

/// <summary>Anchor of the texts of the operators' pages.</summary>
internal sealed class OperatorText;
