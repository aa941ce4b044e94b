namespace Countersign.Server.Features.Devices.AuthenticatorApps;

/// <summary>Anchor of the texts about authenticator apps.</summary>
internal sealed class AuthenticatorAppText;
