using Countersign.Server.Features.Registry.People;
using Countersign.Server.Http;

namespace Countersign.Server.Features.Clients.Contacts;

/// <summary>What is wrong with a field of an address.</summary>
internal sealed record AddressFault(string Field, Error Error);

/// <summary>A postal address as it was typed.</summary>
internal sealed record TypedAddress(string? Street, string? More, string? City, string? Postcode, string? Country)
{
    /// <summary>The address, or what is wrong with it.</summary>
    public (HolderAddress? Address, IReadOnlyList<AddressFault> Faults) Read()
    {
        var faults = new List<AddressFault>();
        var address = new HolderAddress(
            Line(Street, 3, HolderAddress.LongestLine, "street", ContactErrors.Street, faults), Number: null,
            Line(Postcode, 0, HolderAddress.LongestShortPart, "postcode", ContactErrors.Postcode, faults),
            Line(City, 1, HolderAddress.LongestLine, "city", ContactErrors.City, faults),
            Line(More, 0, HolderAddress.LongestLine, "more", ContactErrors.More, faults),
            Country);
        if (Country is null || !Countries.All.Contains(Country))
        {
            faults.Add(new AddressFault("country", ContactErrors.Country));
        }

        return (faults.Count == 0 ? address : null, faults);
    }

    public static TypedAddress Of(HolderAddress? address, string country) => new(
        string.Join(' ', new[] { address?.Number, address?.Street }.Where(p => !string.IsNullOrEmpty(p))), address?.More, address?.City,
        address?.Postcode, country);

    private static string? Line(string? typed, int least, int longest, string field, Error error, List<AddressFault> faults)
    {
        var text = typed?.Trim() ?? string.Empty;
        if (text.Length < least || text.Length > longest || !HolderAddress.IsPrinted(text))
        {
            faults.Add(new AddressFault(field, error with { Arguments = [longest] }));
        }

        return text.Length == 0 ? null : text;
    }
}
