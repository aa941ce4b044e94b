using System.Globalization;
using Countersign.Protocol.Statements;
using Countersign.Server.Data;
using Countersign.Server.Features.Confirming.Challenges;
using Countersign.Server.Features.Registry.People;
using Countersign.Server.Features.Registry.Users;
using Countersign.Server.Http;
using Microsoft.EntityFrameworkCore;

namespace Countersign.Server.Features.Clients.Contacts;

/// <summary>
/// Another postal address, agreed to with the strongest device, as with the e-mail address. The text names the country alone, because it
/// is stored as it is; all of the address is bound by its hash.
/// </summary>
internal sealed class AddressChangePurpose(ContactLife life) : Purpose<HolderAddress, Done>
{
    public override string Id => "address-change";

    public override Statement Say(HolderAddress subject, CultureInfo language) => new(
        string.Format(language, TextOf<ContactText>.In(language, "statement.address"), Countries.NameIn(language, subject.Country!)),
        [
            new StatementDetail("street", subject.Street ?? string.Empty), new StatementDetail("more", subject.More ?? string.Empty),
            new StatementDetail("city", subject.City ?? string.Empty), new StatementDetail("postcode", subject.Postcode ?? string.Empty),
            new StatementDetail("country", subject.Country ?? string.Empty),
        ]);

    public override Consent Takes(HolderAddress subject, UserView user) => ContactConsent.Needed;

    public override async Task<Result<Done>> CompleteAsync(
        Approval<HolderAddress> approved, CountersignDbContext db, CancellationToken ct)
    {
        var id = await PersonViews.IdOfUserAsync(db, approved.User.Id, ct);
        var row = db.Set<Person>().Where(p => p.Id == id);
        await ContactLife.LockAsync(row, ct);
        var person = await row.SingleAsync(ct);
        if (life.Open(person) is not { } details)
        {
            return ContactErrors.Unreadable;
        }

        // Agreed to in two windows: the second one finds it done.
        if (approved.Subject.IsSameAs(details.Home, person.Residence))
        {
            return ContactErrors.SameAddress;
        }

        await life.AddressAsync(db, person, details, approved.Subject, approved.By, approved.ChallengeId, ct);
        await db.SaveChangesAsync(ct);
        return Done.Now;
    }
}
