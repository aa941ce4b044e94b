namespace Countersign.Server.Features.Regulations;

/// <summary>Anchor of the texts about regulations.</summary>
internal sealed class RegulationsText;
