using System.Globalization;
using Countersign.Protocol.Statements;
using Countersign.Server.Data;
using Countersign.Server.Features.Confirming.Challenges;
using Countersign.Server.Features.Confirming.Devices;
using Countersign.Server.Features.Messaging.Messages;
using Countersign.Server.Features.Registry.Users;
using Countersign.Server.Http;

namespace Countersign.Server.Features.Confirming.DeviceSettings;

/// <summary>The device that is to become active.</summary>
internal sealed record DeviceActivationSubject(Guid DeviceId, string Kind, string Label);

/// <summary>A new device shows that it is in the client's hands, and works from then on.</summary>
internal sealed class DeviceActivationPurpose(KindCatalog kinds, DeviceLife life) : Purpose<DeviceActivationSubject, Done>
{
    public override string Id => "device-activation";

    public override PurposeTraits Traits => PurposeTraits.Activates;

    public override Statement Say(DeviceActivationSubject subject, CultureInfo language) => new(
        string.Format(
            language, TextOf<DeviceText>.In(language, "statement.activate"), kinds.Name(subject.Kind, language),
            TypedWords.Mark(subject.Label)),
        [new StatementDetail("device", subject.DeviceId.ToString("N")), new StatementDetail("kind", subject.Kind)]);

    public override Consent Takes(DeviceActivationSubject subject, UserView user) => new() { Only = subject.DeviceId };

    public override async Task<Result<Done>> CompleteAsync(
        Approval<DeviceActivationSubject> approved, CountersignDbContext db, CancellationToken ct)
    {
        var cause = new Cause(approved.By) { KindInHand = approved.Subject.Kind, Challenge = approved.ChallengeId };
        return await life.ActivateAsync(db, approved.User, approved.With.Id, cause, ct) ? Done.Now : DeviceErrors.Gone;
    }
}
