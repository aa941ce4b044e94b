namespace Countersign.Server.Features.Confirming.Pins;

/// <summary>Anchor of the texts about choosing a PIN.</summary>
internal sealed class PinText;
