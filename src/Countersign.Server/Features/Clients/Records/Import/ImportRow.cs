using Countersign.Server.Features.Registry.Accounts;
using Countersign.Server.Features.Registry.People;
using Countersign.Server.Features.Registry.PhoneNumbers;
using Countersign.Server.Features.Registry.Users;

namespace Countersign.Server.Features.Clients.Records.Import;

/// <summary>One good row of the file: a user acting for an account.</summary>
/// <param name="Role">Null where the row says none.</param>
internal sealed record ImportRow(int Line, PersonFacts Person, UserFacts User, AccountFacts Account, AccountRole? Role = null);

/// <summary>That a user acts for an account.</summary>
/// <param name="User">Normalised name.</param>
/// <param name="Account">The broker's own number.</param>
/// <param name="Role">Null: as it is, and of a new one the owner's.</param>
internal sealed record LinkFacts(string User, string Account, AccountRole? Role);

/// <summary>What the file says of a person. Two rows that say different things of one person contradict each other.</summary>
internal sealed record PersonFacts(string Number, string Name, string Residence, HolderDetails Details)
{
    public bool Equals(PersonFacts? other) =>
        other is not null && Number == other.Number && Name == other.Name && Residence == other.Residence && Details.SameAs(other.Details);

    public override int GetHashCode() => HashCode.Combine(Number, Name, Residence);
}

/// <summary>What the file says of a user.</summary>
internal sealed record UserFacts(
    string Name, string NormalisedName, string Person, EmailAddress? Email, string? Language, string TimeZone, MobileNumber? Mobile,
    DateTimeOffset? MobileVerifiedAt, string? InitialPassword);

/// <summary>What the file says of an account.</summary>
internal sealed record AccountFacts(
    string Number, string Jurisdiction, string TimeZone, decimal Equity, string EquityCurrency, DateOnly EquityAsOf);
