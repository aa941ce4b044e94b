using Countersign.Server.Features.Registry.People;

namespace Countersign.Server.Features.Confirming.Pins;

/// <summary>What is known of the person whose PIN is judged.</summary>
internal sealed record PinHolder(string Name, HolderDetails Details, IReadOnlyList<string> PhoneNumbers)
{
    /// <summary>Nothing is known: rules that need facts are advice.</summary>
    public static readonly PinHolder Unknown = new(string.Empty, HolderDetails.None, []);

    /// <summary>The names of the person: the one on record and further ones.</summary>
    public IEnumerable<string> OwnNames => [Name, .. Details.OtherNames];

    /// <summary>The person's names and those of children and relatives, each of one human.</summary>
    public IEnumerable<string> AllNames => [.. OwnNames, .. Details.Relatives.Select(r => r.Name)];

    /// <summary>Whether there are relatives, and each has a name that can be compared: other scripts spell nothing.</summary>
    public bool RelativesAreSpelled => Details.Relatives.Count > 0 && Details.Relatives.All(r => Spelling.Words(r.Name).Any());

    public IEnumerable<HolderAddress> Addresses => new[] { Details.Home, Details.Office }.OfType<HolderAddress>();
}
