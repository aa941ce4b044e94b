using System.Globalization;
using Countersign.Protocol.Statements;
using Countersign.Server.Data;
using Countersign.Server.Features.Confirming.Challenges;
using Countersign.Server.Features.Messaging.Messages;
using Countersign.Server.Features.Registry.Users;
using Countersign.Server.Http;

namespace Countersign.Server.Features.Kinds.Passkeys.Alone;

/// <summary>The passkey that is to sign in alone.</summary>
internal sealed record AloneSubject(Guid DeviceId, string Label);

/// <summary>A client lets a passkey sign in without user name and password. The passkey itself has to agree.</summary>
internal sealed class AlonePurpose(AloneSwitch alone) : Purpose<AloneSubject, Done>
{
    public override string Id => "passkey-alone";

    public override Statement Say(AloneSubject subject, CultureInfo language) => new(
        string.Format(language, TextOf<PasskeyText>.In(language, "alone.statement"), TypedWords.Mark(subject.Label)),
        [new StatementDetail("device", subject.DeviceId.ToString("N"))]);

    public override Consent Takes(AloneSubject subject, UserView user) => new() { Only = subject.DeviceId };

    public override async Task<Result<Done>> CompleteAsync(
        Approval<AloneSubject> approved, CountersignDbContext db, CancellationToken ct) =>
        await alone.TurnOnAsync(db, approved, ct) is { } refusal ? refusal : Done.Now;
}
