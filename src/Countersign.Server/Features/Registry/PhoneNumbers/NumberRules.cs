using Countersign.Server.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace Countersign.Server.Features.Registry.PhoneNumbers;

/// <summary>A country in the list beside a number field.</summary>
/// <param name="Code">ISO 3166 alpha-2.</param>
/// <param name="CallingCode">Such as <c>+852</c>.</param>
internal sealed record NumberCountry(string Code, string Name, string CallingCode);

/// <summary>Which numbers this installation takes, and how many of a user.</summary>
internal sealed class NumberRules(IOptions<PhoneNumberOptions> options)
{
    private readonly HashSet<string> _countries = [.. options.Value.Countries.Split(' ')];

    /// <summary>The number that was typed, or why it is not taken.</summary>
    public Result<MobileNumber> Read(string? typed, string? country)
    {
        var number = MobileNumber.Read(
            typed, country is not null && _countries.Contains(country) ? country : null, options.Value.AllowVirtual);
        return number.Succeeded && !IsAllowed(number.Value.Region) ? NumberErrors.Country : number;
    }

    /// <summary>Why a user cannot have one more number, or this one; null when it may be added.</summary>
    public async Task<Error?> RefusesAsync(CountersignDbContext db, Guid userId, string e164, CancellationToken ct)
    {
        var numbers = await db.NumbersOf(userId).ToListAsync(ct);
        if (numbers.Find(n => n.E164 == e164) is { } same)
        {
            return same.VerifiedAt is null
                ? NumberErrors.AlreadyYours with { Arguments = [MobileNumber.Mask(e164)] }
                : NumberErrors.AlreadyVerified;
        }

        return numbers.Count >= options.Value.MostNumbers ? NumberErrors.TooMany with { Arguments = [options.Value.MostNumbers] } : null;
    }

    public bool IsAllowed(string region) => _countries.Contains(region);

    /// <summary>The countries whose numbers are taken, in the order of their names in the language of the request.</summary>
    public IReadOnlyList<NumberCountry> Countries() =>
        [.. _countries.Select(c => new NumberCountry(c, Http.Countries.Name(c), MobileNumber.CallingCode(c))).OrderBy(
            c => c.Name, StringComparer.CurrentCulture)];
}
