using System.Globalization;
using System.Resources;

namespace Countersign.Server.Features.Users.Passwords;

/// <summary>Anchor of the texts about passwords.</summary>
internal sealed class PasswordText
{
    private static readonly ResourceManager Texts = new(typeof(PasswordText));

    public static string Of(string name, CultureInfo language) => Texts.GetString(name, language) ?? throw new InvalidOperationException($"There is no password text {name}.");
}
