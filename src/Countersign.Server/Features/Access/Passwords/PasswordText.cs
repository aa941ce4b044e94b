namespace Countersign.Server.Features.Access.Passwords;

/// <summary>Anchor of the texts about passwords.</summary>
internal sealed class PasswordText;
