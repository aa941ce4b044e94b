using System.Globalization;
using Countersign.Protocol.Statements;
using Countersign.Server.Data;
using Countersign.Server.Features.Confirming.Challenges;
using Countersign.Server.Features.Ground.Audit;
using Countersign.Server.Features.Messaging.Messages;
using Countersign.Server.Features.Registry.Users;
using Countersign.Server.Http;

namespace Countersign.Server.Features.Clients.Contacts;

/// <summary>The address that is wanted.</summary>
internal sealed record EmailChangeSubject(string Address);

/// <summary>
/// Another e-mail address, agreed to with the strongest device, which takes one that is trusted where there is one: what was added a
/// moment ago takes no address away (D2, D4). Nothing has changed then but that a code may be sent there.
/// </summary>
internal sealed class EmailChangePurpose(WantedEmails wanted, AuditTrail audit) : Purpose<EmailChangeSubject, Done>
{
    public override string Id => "email-change";

    public override Statement Say(EmailChangeSubject subject, CultureInfo language) => new(
        string.Format(language, TextOf<ContactText>.In(language, "statement.email"), TypedWords.Mark(subject.Address)),
        [new StatementDetail("address", subject.Address)]);

    public override Consent Takes(EmailChangeSubject subject, UserView user) => ContactConsent.Needed;

    public override async Task<Result<Done>> CompleteAsync(
        Approval<EmailChangeSubject> approved, CountersignDbContext db, CancellationToken ct)
    {
        var user = approved.User;
        await wanted.AddAsync(db, user.Id, approved.Subject.Address, approved.With.Id, ct);
        audit.Add(
            db, AuditEvents.EmailChangeAgreed, user.Id, approved.By, ("challenge", approved.ChallengeId), ("device", approved.With.Id));
        return Done.Now;
    }
}

/// <summary>Who may change where a user is reached.</summary>
internal static class ContactConsent
{
    public static readonly Consent Needed = new() { Bar = Bar.StrongestTrusted, Settled = true };
}
