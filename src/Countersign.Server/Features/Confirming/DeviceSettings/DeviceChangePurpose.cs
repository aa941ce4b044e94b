using System.Globalization;
using System.Text.Json;
using Countersign.Protocol.Statements;
using Countersign.Server.Data;
using Countersign.Server.Features.Confirming.Challenges;
using Countersign.Server.Features.Confirming.Devices;
using Countersign.Server.Features.Ground.Audit;
using Countersign.Server.Features.Messaging.Messages;
using Countersign.Server.Features.Registry.Users;
using Countersign.Server.Http;

namespace Countersign.Server.Features.Confirming.DeviceSettings;

/// <summary>What a client wants with a device.</summary>
internal enum DeviceChange
{
    Add,
    Suspend,
    Resume,

    /// <summary>Let it answer again after too many wrong responses (D9).</summary>
    Unlock,
    Lost,
    Remove,
}

/// <summary>A change of devices that waits for a device to agree.</summary>
/// <param name="DeviceId">The device that changes; null for one that is added.</param>
/// <param name="Label">Its name, as the client typed it.</param>
/// <param name="Typed">What the kind asked for, such as a serial number.</param>
/// <param name="Session">The session in which it is asked for.</param>
internal sealed record DeviceChangeSubject(DeviceChange Change, Guid? DeviceId, string Kind, string Label, string? Typed, Guid Session);

/// <summary>What came of a change of devices.</summary>
/// <param name="Waiting">The device that waits to be activated, where one was added.</param>
internal sealed record ChangedDevice(Guid? Waiting);

/// <summary>A change of devices, agreed to with a device (D1): whoever has only the password adds and removes none.</summary>
internal sealed class DeviceChangePurpose(
    KindCatalog kinds, AddDevice add, EndDevice end, AuditTrail audit) : Purpose<DeviceChangeSubject, ChangedDevice>
{
    public override string Id => "device-change";

    public override Statement Say(DeviceChangeSubject subject, CultureInfo language)
    {
        var text = TextOf<DeviceText>.In(language, "statement." + JsonNamingPolicy.CamelCase.ConvertName(subject.Change.ToString()));
        return new(
            string.Format(language, text, kinds.Name(subject.Kind, language), TypedWords.Mark(subject.Label)),
            [
                new StatementDetail("change", subject.Change.ToString()), new StatementDetail("kind", subject.Kind),
                new StatementDetail("label", subject.Label),
                new StatementDetail("device", subject.DeviceId?.ToString("N") ?? string.Empty),
                new StatementDetail("typed", subject.Typed ?? string.Empty),
            ]);
    }

    /// <summary>
    /// Adding and removing take the strongest device. Reporting a loss takes any other one: what is lost cannot agree, and what is
    /// added afterwards has no more power than what confirmed it. What was added a moment ago ends nothing that is trusted (D2). What
    /// was guessed at too often answers again by the word of another one that is as strong as any (D9).
    /// </summary>
    public override Consent Takes(DeviceChangeSubject subject, UserView user) => subject.Change switch
    {
        DeviceChange.Add => new Consent { Bar = Bar.Strongest, Settled = true },
        DeviceChange.Remove => new Consent { Bar = Bar.StrongestTrusted, Over = subject.DeviceId, Settled = true },
        DeviceChange.Resume => new Consent { Settled = true },
        DeviceChange.Unlock => new Consent { Bar = Bar.StrongestTrusted, Not = subject.DeviceId, Settled = true },
        _ => new Consent { Not = subject.DeviceId, Over = subject.DeviceId, Settled = true },
    };

    public override Guid? IdOf(ChangedDevice result) => result.Waiting;

    public override Task<Result<ChangedDevice>> AgainAsync(
        Approval<DeviceChangeSubject> used, CountersignDbContext db, CancellationToken ct) =>
        Task.FromResult<Result<ChangedDevice>>(
            new ChangedDevice(used.Subject.Change == DeviceChange.Add ? used.ResultId : null));

    public override async Task<Result<ChangedDevice>> CompleteAsync(
        Approval<DeviceChangeSubject> approved, CountersignDbContext db, CancellationToken ct)
    {
        var subject = approved.Subject;
        audit.Add(
            db,
            AuditEvents.DeviceChangeAgreed,
            approved.User.Id,
            approved.By,
            ("challenge", approved.ChallengeId),
            ("device", approved.With.Id),
            ("change", subject.Change), ("kind", subject.Kind), ("changed", subject.DeviceId));
        return subject.Change == DeviceChange.Add ? await add.CompleteAsync(db, approved, ct) : await end.CompleteAsync(db, approved, ct);
    }
}
