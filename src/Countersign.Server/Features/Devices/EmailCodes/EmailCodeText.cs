namespace Countersign.Server.Features.Devices.EmailCodes;

/// <summary>Anchor of the texts about codes by e-mail.</summary>
internal sealed class EmailCodeText;
