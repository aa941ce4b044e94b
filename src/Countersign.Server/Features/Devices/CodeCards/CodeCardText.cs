namespace Countersign.Server.Features.Devices.CodeCards;

/// <summary>Anchor of the texts about Security Code Cards.</summary>
internal sealed class CodeCardText;
