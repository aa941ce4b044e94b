namespace Countersign.Server.Features.Users.Passwords;

/// <summary>Anchor of the texts about passwords.</summary>
internal sealed class PasswordText;
