using System.Text.Json.Serialization;

namespace Countersign.Server.Features.People;

/// <summary>What is known of a person beside the name. Stored protected; never shown to the desk as a whole.</summary>
internal sealed record HolderDetails(
    DateOnly? Birthday,
    IReadOnlyList<string> Addresses,
    IReadOnlyList<Relative> Relatives)
{
    /// <summary>The protection context of the stored form.</summary>
    public const string Column = "people.details";

    public static readonly HolderDetails None = new(null, [], []);

    /// <summary>These over older ones: what says nothing takes nothing away.</summary>
    public HolderDetails Over(HolderDetails older) => new(
        Birthday ?? older.Birthday, Addresses.Count > 0 ? Addresses : older.Addresses, Relatives.Count > 0 ? Relatives : older.Relatives);

    /// <summary>Whether both say the same: lists compare by what they hold.</summary>
    public bool SameAs(HolderDetails other) => Birthday == other.Birthday && Addresses.SequenceEqual(other.Addresses) && Relatives.SequenceEqual(other.Relatives);
}

/// <summary>A child or close relative: names and birthdays must not be PINs (S26).</summary>
internal sealed record Relative(string Name, DateOnly? Birthday);

[JsonSerializable(typeof(HolderDetails))]
internal sealed partial class PeopleJson : JsonSerializerContext;
