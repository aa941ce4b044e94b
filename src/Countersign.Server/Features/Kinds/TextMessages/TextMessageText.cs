namespace Countersign.Server.Features.Kinds.TextMessages;

/// <summary>Anchor of the texts about codes by SMS.</summary>
internal sealed class TextMessageText;
