using System.Collections;
using System.Globalization;
using System.Resources;

namespace Countersign.Server.Http;

/// <summary>
/// Anchor of the names of countries, keyed by <c>country.</c> and the ISO 3166 alpha-2 code. From the Unicode CLDR, short forms.
/// </summary>
internal sealed class CountryText;

/// <summary>Names of countries in the language of the request.</summary>
/// <remarks>Not <see cref="RegionInfo.DisplayName"/>: it keeps the language of whoever asked first.</remarks>
internal static class Countries
{
    private const string Prefix = "country.";
    private static readonly ResourceManager Names = new(typeof(CountryText));

    /// <summary>The codes of all countries, in no order.</summary>
    public static IReadOnlySet<string> All { get; } = Names
        .GetResourceSet(CultureInfo.InvariantCulture, createIfNotExists: true, tryParents: true)!.Cast<DictionaryEntry>()
        .Select(e => ((string)e.Key)[Prefix.Length..]).ToHashSet(StringComparer.Ordinal);

    /// <summary>The name; the code itself where there is none.</summary>
    public static string Name(string code) => NameIn(CultureInfo.CurrentUICulture, code);

    /// <summary>The same in another language than the request's.</summary>
    public static string NameIn(CultureInfo language, string code) => Names.GetString(Prefix + code, language) ?? code;
}
