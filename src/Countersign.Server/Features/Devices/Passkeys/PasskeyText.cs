namespace Countersign.Server.Features.Devices.Passkeys;

/// <summary>Anchor of the texts about passkeys.</summary>
internal sealed class PasskeyText;
