namespace Countersign.Server.Features.Freezing;

/// <summary>Anchor of the texts about freezing and thawing.</summary>
internal sealed class FreezingText;
