namespace Countersign.Server.Features.Devices.Pins;

/// <summary>Anchor of the texts about choosing a PIN.</summary>
internal sealed class PinText;
