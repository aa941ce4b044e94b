namespace Countersign.Server.Features.SignIn;

/// <summary>Anchor of the sign-in texts.</summary>
internal sealed class SignInText;
