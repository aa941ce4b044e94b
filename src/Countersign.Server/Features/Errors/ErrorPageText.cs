namespace Countersign.Server.Features.Errors;

/// <summary>Anchor of the texts of error pages, keyed by status.</summary>
internal sealed class ErrorPageText;
