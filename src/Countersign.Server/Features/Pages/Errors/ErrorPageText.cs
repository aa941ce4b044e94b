namespace Countersign.Server.Features.Pages.Errors;

/// <summary>Anchor of the texts of error pages, keyed by status.</summary>
internal sealed class ErrorPageText;
