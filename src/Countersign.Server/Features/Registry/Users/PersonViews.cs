using Countersign.Server.Data;
using Countersign.Server.Data.Protection;
using Countersign.Server.Features.Registry.People;
using Microsoft.EntityFrameworkCore;

namespace Countersign.Server.Features.Registry.Users;

/// <summary>What other slices may know of persons.</summary>
internal static class PersonViews
{
    private static readonly SqlQuery<PersonView> OfUser = new(_ => (
        "SELECT p.name, p.residence FROM users u JOIN people p ON p.id = u.person_id WHERE u.id = $1",
        row => new PersonView(row.GetString(0), row.GetString(1))));

    /// <summary>The person behind a user.</summary>
    public static async Task<PersonView> OfUserAsync(CountersignDbContext db, Guid userId, CancellationToken ct) =>
        await db.ReadOneAsync(OfUser, [userId], ct) ?? throw new InvalidOperationException("There is no such user.");

    /// <summary>The id of the person behind a user.</summary>
    public static Task<Guid> IdOfUserAsync(CountersignDbContext db, Guid userId, CancellationToken ct) =>
        db.Set<User>().Where(u => u.Id == userId).Select(u => u.PersonId).SingleAsync(ct);

    /// <summary>The person behind a user with what is stored protected: for rules and checks, never to be shown as a whole.</summary>
    public static async Task<HolderView> HolderOfUserAsync(
        CountersignDbContext db, RowProtection protection, Guid userId, CancellationToken ct)
    {
        var holder = await (from user in db.Set<User>().AsNoTracking()
                            join person in db.Set<Person>() on user.PersonId equals person.Id
                            where user.Id == userId
                            select new { person.Id, person.Name, person.Details, person.Residence, person.AddressTrustedAt })
            .SingleAsync(ct);

        // What does not open says nothing; it is logged.
        return new HolderView(
            holder.Name, protection.Open(HolderDetails.Column, holder.Id, holder.Id, holder.Details, PeopleJson.Default.HolderDetails)
                ?? HolderDetails.None)
        {
            Residence = holder.Residence,
            AddressTrustedAt = holder.AddressTrustedAt,
        };
    }
}

/// <summary>Name and country of residence (ISO 3166 alpha-2).</summary>
internal sealed record PersonView(string Name, string Residence);

/// <summary>Name and protected details.</summary>
internal sealed record HolderView(string Name, HolderDetails Details)
{
    /// <summary>ISO 3166 alpha-2.</summary>
    public required string Residence { get; init; }

    /// <summary>Until when the postal address is too new to be relied on; null where it is not.</summary>
    public DateTimeOffset? AddressTrustedAt { get; init; }

    /// <summary>The country of the postal address.</summary>
    public string Country => Details.Home?.Country ?? Residence;
}
