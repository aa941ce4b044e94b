using Microsoft.Extensions.Options;

namespace Countersign.Server.Features.PhoneNumbers;

/// <summary>A country in the list beside a number field.</summary>
/// <param name="Code">ISO 3166 alpha-2.</param>
/// <param name="CallingCode">Such as <c>+852</c>.</param>
internal sealed record NumberCountry(string Code, string Name, string CallingCode);

/// <summary>Which numbers this installation takes.</summary>
internal sealed class NumberRules(IOptions<PhoneNumberOptions> options)
{
    private readonly HashSet<string> _countries = [.. options.Value.Countries.Split(' ')];

    /// <summary>The number that was typed, or why it is not taken.</summary>
    public Result<MobileNumber> Read(string? typed, string? country)
    {
        var number = MobileNumber.Read(typed, country is not null && _countries.Contains(country) ? country : null, options.Value.AllowVirtual);
        return number.Succeeded && !IsAllowed(number.Value.Region) ? NumberErrors.Country : number;
    }

    public bool IsAllowed(string region) => _countries.Contains(region);

    /// <summary>The countries whose numbers are taken, in the order of their names in the language of the request.</summary>
    public IReadOnlyList<NumberCountry> Countries() =>
        [.. _countries.Select(c => new NumberCountry(c, Http.Countries.Name(c), MobileNumber.CallingCode(c))).OrderBy(c => c.Name, StringComparer.CurrentCulture)];
}
