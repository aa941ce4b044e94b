using System.Globalization;
using System.Text.Json.Serialization;
using Countersign.Server.Data.Protection;

namespace Countersign.Server.Features.Registry.People;

/// <summary>What is known of a person beside the name. Stored protected; never shown to the desk as a whole.</summary>
/// <param name="Addresses">Addresses as they were written, whatever they are for.</param>
/// <param name="Home">Where the person lives, and letters go, in parts.</param>
/// <param name="Office">Where the person works, in parts.</param>
internal sealed record HolderDetails(
    DateOnly? Birthday,
    IReadOnlyList<string> Addresses,
    IReadOnlyList<Relative> Relatives,
    HolderAddress? Home = null,
    HolderAddress? Office = null,
    IReadOnlyList<string>? OtherNames = null,
    IReadOnlyList<string>? IdentityNumbers = null,
    IReadOnlyList<string>? Teams = null)
{
    /// <summary>How the stored form is sealed.</summary>
    public static readonly SealedColumn Column = new("holders' details", "people", "details");

    public static readonly HolderDetails None = new(null, [], []);

    /// <summary>Names beside the one on record: maiden names, nicknames, a name as it is written in Latin letters.</summary>
    public IReadOnlyList<string> OtherNames { get; init; } = OtherNames ?? [];

    /// <summary>Numbers of identity cards, passports and tax files.</summary>
    public IReadOnlyList<string> IdentityNumbers { get; init; } = IdentityNumbers ?? [];

    /// <summary>Favourite teams.</summary>
    public IReadOnlyList<string> Teams { get; init; } = Teams ?? [];

    /// <summary>These over older ones: what says nothing takes nothing away.</summary>
    public HolderDetails Over(HolderDetails older) => new(
        Birthday ?? older.Birthday,
        Said(Addresses, older.Addresses),
        Said(Relatives, older.Relatives),
        Home ?? older.Home,
        Office ?? older.Office,
        Said(OtherNames, older.OtherNames),
        Said(IdentityNumbers, older.IdentityNumbers),
        Said(Teams, older.Teams));

    /// <summary>Whether both say the same: lists compare by what they hold.</summary>
    public bool SameAs(HolderDetails other) =>
        (Birthday, Home, Office) == (other.Birthday, other.Home, other.Office)
        && Addresses.SequenceEqual(other.Addresses)
        && Relatives.SequenceEqual(other.Relatives)
        && OtherNames.SequenceEqual(other.OtherNames)
        && IdentityNumbers.SequenceEqual(other.IdentityNumbers)
        && Teams.SequenceEqual(other.Teams);

    private static IReadOnlyList<T> Said<T>(IReadOnlyList<T> now, IReadOnlyList<T> older) => now.Count > 0 ? now : older;
}

/// <summary>A child or close relative: names and birthdays must not be PINs (S26).</summary>
internal sealed record Relative(string Name, DateOnly? Birthday);

/// <summary>An address in its parts, as far as they are known.</summary>
/// <param name="Street">With the number, where that does not stand by itself.</param>
/// <param name="More">What else leads to the door: flat, floor, building.</param>
/// <param name="Country">ISO 3166 alpha-2; null: the one in which the person lives.</param>
internal sealed record HolderAddress(
    string? Street, string? Number, string? Postcode, string? City, string? More = null, string? Country = null)
{
    /// <summary>Longest line, as it is typed, stated or imported.</summary>
    public const int LongestLine = 200;

    /// <summary>Longest number or postcode.</summary>
    public const int LongestShortPart = 40;

    /// <summary>Nothing that breaks a line or turns what stands around it (UAX #9): it is printed on envelopes.</summary>
    public static bool IsPrinted(string text) => !text.Any(c => char.IsControl(c) || char.GetUnicodeCategory(c) is
        UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator);

    /// <summary>As it is written on an envelope, without the country.</summary>
    public IReadOnlyList<string> ToLines() =>
        [.. new[] { Joined(Number, Street), More ?? string.Empty, Joined(Postcode, City) }.Where(l => l.Length > 0)];

    /// <summary>Whether a letter to either comes to the same door, however the two are cut into parts.</summary>
    /// <param name="residence">The country of one that names none.</param>
    public bool IsSameAs(HolderAddress? other, string residence) =>
        other is not null && ToLines().SequenceEqual(other.ToLines()) && (Country ?? residence) == (other.Country ?? residence);

    private static string Joined(string? first, string? second) =>
        string.Join(' ', new[] { first, second }.Where(p => !string.IsNullOrEmpty(p)));
}

[JsonSerializable(typeof(HolderDetails))]
internal sealed partial class PeopleJson : JsonSerializerContext;
