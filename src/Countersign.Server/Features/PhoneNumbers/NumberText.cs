using System.Globalization;
using System.Resources;

namespace Countersign.Server.Features.PhoneNumbers;

/// <summary>Anchor of the texts about numbers.</summary>
internal sealed class NumberText
{
    private static readonly ResourceManager Texts = new(typeof(NumberText));

    /// <summary>For texts that are not of the request's language but of a challenge's.</summary>
    public static string Of(string name, CultureInfo language) => Texts.GetString(name, language) ?? throw new InvalidOperationException($"There is no number text {name}.");
}
