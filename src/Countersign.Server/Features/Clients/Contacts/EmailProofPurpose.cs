using System.Globalization;
using Countersign.Protocol.Statements;
using Countersign.Server.Data;
using Countersign.Server.Features.Confirming.Challenges;
using Countersign.Server.Features.Registry.Users;
using Countersign.Server.Http;

namespace Countersign.Server.Features.Clients.Contacts;

/// <summary>The wanted address, and which agreement it stands on.</summary>
internal sealed record EmailProofSubject(Guid WantedId, string Address);

/// <summary>Shows that a wanted address is the user's: the code that was sent there comes back, and it takes its place.</summary>
internal sealed class EmailProofPurpose(WantedEmails wanted, ContactLife life) : Purpose<EmailProofSubject, Done>
{
    public override string Id => "email-proof";

    public override PurposeTraits Traits => PurposeTraits.Activates;

    public override Statement Say(EmailProofSubject subject, CultureInfo language) => new(
        string.Format(language, TextOf<ContactText>.In(language, "statement.proof"), EmailAddress.Mask(subject.Address)),
        [new StatementDetail("address", subject.Address), new StatementDetail("wanted", subject.WantedId.ToString("N"))]);

    public override async Task<Result<Done>> CompleteAsync(
        Approval<EmailProofSubject> approved, CountersignDbContext db, CancellationToken ct)
    {
        var (userId, subject) = (approved.User.Id, approved.Subject);
        if (!EmailAddress.TryParse(subject.Address, out var address)
            || !await wanted.SpendAsync(db, userId, subject.WantedId, ct))
        {
            return ContactErrors.Gone;
        }

        await life.EmailAsync(db, userId, address, proved: true, approved.By, approved.ChallengeId, ct);
        return Done.Now;
    }
}
