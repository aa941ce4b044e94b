namespace Countersign.Server.Features.Pages.Operators;

/// <summary>Anchor of the texts of the operators' pages.</summary>
internal sealed class OperatorText;
