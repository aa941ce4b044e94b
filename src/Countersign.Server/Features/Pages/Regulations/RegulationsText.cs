namespace Countersign.Server.Features.Pages.Regulations;

/// <summary>Anchor of the texts about regulations.</summary>
internal sealed class RegulationsText;
