namespace Countersign.Server.Features.Devices.TextMessages;

/// <summary>Anchor of the texts about codes by SMS.</summary>
internal sealed class TextMessageText;
