using System.Globalization;
using Countersign.Protocol.Statements;
using Countersign.Server;
using Countersign.Server.Data;
using Countersign.Server.Features.Confirming.Challenges;
using Countersign.Server.Features.Ground.Audit;
using Countersign.Server.Features.Registry.Users;
using Countersign.Server.Http;

namespace Countersign.SampleKind.Promising;

/// <summary>A promise that takes a device's consent.</summary>
/// <param name="Solemn">Whether it takes the strongest device that is trusted; else any.</param>
/// <param name="Shown">Whether it takes a device that shows the text, or has digits typed into it.</param>
internal sealed record PromiseSubject(string What, bool Solemn, bool Shown = false);

/// <summary>
/// A purpose as small as a purpose can be: it writes down that a promise was made. Good for nothing but to show what a purpose takes:
/// this class, its text, and a line of composition.
/// </summary>
internal sealed class PromisePurpose(AuditTrail audit) : Purpose<PromiseSubject, Guid>
{
    /// <summary>The audit event of a promise that was kept.</summary>
    public const string Kept = "promise.kept";

    public override string Id => "promise";

    public override Statement Say(PromiseSubject subject, CultureInfo language) =>
        new(
            string.Format(language, TextOf<PromiseText>.In(language, "statement"), subject.What),
            [new StatementDetail("what", subject.What)]);

    public override Consent Takes(PromiseSubject subject, UserView user) =>
        new() { Bar = subject.Solemn ? Bar.StrongestTrusted : Bar.None, ShowsOrTyped = subject.Shown };

    public override Task<Result<Guid>> CompleteAsync(Approval<PromiseSubject> approved, CountersignDbContext db, CancellationToken ct)
    {
        audit.Add(db, Kept, approved.User.Id, approved.By, ("challenge", approved.ChallengeId), ("device", approved.With.Id));
        return Task.FromResult<Result<Guid>>(approved.ChallengeId);
    }

    public override Task<Result<Guid>> AgainAsync(Approval<PromiseSubject> used, CountersignDbContext db, CancellationToken ct) =>
        Task.FromResult<Result<Guid>>(used.ChallengeId);
}
