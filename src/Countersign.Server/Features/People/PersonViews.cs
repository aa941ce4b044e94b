using Countersign.Server.Data;
using Countersign.Server.Features.Users;
using Microsoft.EntityFrameworkCore;

namespace Countersign.Server.Features.People;

/// <summary>What other slices may know of persons.</summary>
internal static class PersonViews
{
    /// <summary>The person behind a user.</summary>
    public static Task<PersonView> OfUserAsync(CountersignDbContext db, Guid userId, CancellationToken ct) =>
        (from user in db.Set<User>().AsNoTracking()
         join person in db.Set<Person>() on user.PersonId equals person.Id
         where user.Id == userId
         select new PersonView(person.Name, person.Residence)).SingleAsync(ct);

    /// <summary>The id of the person behind a user.</summary>
    public static Task<Guid> IdOfUserAsync(CountersignDbContext db, Guid userId, CancellationToken ct) => db.Set<User>().Where(u => u.Id == userId).Select(u => u.PersonId).SingleAsync(ct);
}

/// <summary>Name and country of residence (ISO 3166 alpha-2).</summary>
internal sealed record PersonView(string Name, string Residence);
