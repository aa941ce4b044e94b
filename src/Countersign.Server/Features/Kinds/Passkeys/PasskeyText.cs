namespace Countersign.Server.Features.Kinds.Passkeys;

/// <summary>Anchor of the texts about passkeys.</summary>
internal sealed class PasskeyText;
