using System.Globalization;
using System.Resources;

namespace Countersign.Server.Features.SignIn;

/// <summary>Anchor of the sign-in texts.</summary>
internal sealed class SignInText
{
    private static readonly ResourceManager Texts = new(typeof(SignInText));

    /// <summary>For texts that are not of the request's language but of a challenge's.</summary>
    public static string Of(string name, CultureInfo language) => Texts.GetString(name, language) ?? throw new InvalidOperationException($"There is no sign-in text {name}.");
}
