using System.Globalization;
using System.Resources;

namespace Countersign.Server.Features.Restrictions;

/// <summary>Anchor of the texts of restrictions, keyed by code.</summary>
internal sealed class RestrictionText;

internal static class RestrictionTexts
{
    private static readonly ResourceManager Texts = new(typeof(RestrictionText));

    /// <exception cref="InvalidOperationException">The code has no text: a mistake in the program.</exception>
    public static string Say(string code, CultureInfo language) => Texts.GetString(code, language) ?? throw new InvalidOperationException($"The restriction {code} has no text.");
}
