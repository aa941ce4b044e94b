namespace Countersign.Server.Features.Kinds.CodeCards;

/// <summary>Anchor of the texts about Security Code Cards.</summary>
internal sealed class CodeCardText;
