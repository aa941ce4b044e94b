namespace Countersign.Server.Features.Kinds.AuthenticatorApps;

/// <summary>Anchor of the texts about authenticator apps.</summary>
internal sealed class AuthenticatorAppText;
