namespace Countersign.Server.Features.Access.Freezing;

/// <summary>Anchor of the texts about freezing and thawing.</summary>
internal sealed class FreezingText;
