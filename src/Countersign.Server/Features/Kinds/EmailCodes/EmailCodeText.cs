namespace Countersign.Server.Features.Kinds.EmailCodes;

/// <summary>Anchor of the texts about codes by e-mail.</summary>
internal sealed class EmailCodeText;
