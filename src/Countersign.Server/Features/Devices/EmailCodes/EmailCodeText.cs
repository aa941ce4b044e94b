using System.Globalization;
using System.Resources;

namespace Countersign.Server.Features.Devices.EmailCodes;

/// <summary>Anchor of the texts about codes by e-mail.</summary>
internal sealed class EmailCodeText
{
    private static readonly ResourceManager Texts = new(typeof(EmailCodeText));

    /// <summary>For texts that are not of the request's language but of a challenge's.</summary>
    public static string Of(string name, CultureInfo language) => Texts.GetString(name, language) ?? throw new InvalidOperationException($"There is no e-mail text {name}.");
}
