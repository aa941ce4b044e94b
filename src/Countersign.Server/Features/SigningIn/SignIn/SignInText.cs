namespace Countersign.Server.Features.SigningIn.SignIn;

/// <summary>Anchor of the sign-in texts.</summary>
internal sealed class SignInText;
