using System.Globalization;
using Countersign.Server.Data;
using Countersign.Server.Features.Confirming.Challenges;
using Countersign.Server.Features.Confirming.Devices;
using Countersign.Server.Features.Registry.Users;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace Countersign.Server.Features.Confirming.DeviceSettings;

/// <summary>Whoever wants a change of devices: the user, the session in which it is wanted, and its browser.</summary>
internal sealed record Wish(UserView User, Guid Session, Opener Opener, CultureInfo Language);

/// <summary>
/// Asks for a device to agree to a change of devices, and begins the activation of a new one. Nothing changes before they have
/// answered.
/// </summary>
internal sealed class ChangeDevices(
    IWriter writer,
    ChallengeOpening opening,
    KindCatalog kinds,
    DeviceChangePurpose changes,
    DeviceActivationPurpose activations,
    LastDevice last,
    IOptions<DeviceOptions> options)
{
    public Task<Result<ChallengeHandle>> AddAsync(Wish wish, string kindId, string? label, string? typed, CancellationToken ct)
    {
        if (!options.Value.CanAdd(kindId) || kinds.Find(kindId) is not IAddableKind kind)
        {
            return Task.FromResult<Result<ChallengeHandle>>(DeviceErrors.NotAddable);
        }

        var read = DeviceLabel.Read(label);
        if (!read.Succeeded)
        {
            return Task.FromResult<Result<ChallengeHandle>>(read.Error);
        }

        // A kind that asks for nothing would not look at it.
        typed = kind.AsksFirst ? typed : null;
        return writer.RunAsync<Result<ChallengeHandle>>(
            async (db, token) =>
            {
                return await CountAsync(db, wish.User.Id, token) >= options.Value.Most
                    ? DeviceErrors.TooMany with { Arguments = [options.Value.Most] }
                        : await kind.RefusesAsync(wish.User, typed, db, token) is { } refusal ? refusal
                        : await BeginAsync(
                            db, wish, new DeviceChangeSubject(DeviceChange.Add, null, kind.Id, read.Value, typed, wish.Session), token);
            },
            ct);
    }

    /// <summary>For a device that is there: suspend, resume, unlock, report as lost, remove.</summary>
    public Task<Result<ChallengeHandle>> ChangeAsync(
        Wish wish, DeviceChange change, Guid deviceId, CancellationToken ct) => writer.RunAsync<Result<ChallengeHandle>>(
        async (db, token) =>
        {
            var device = await DeviceViews.FindAsync(db, wish.User.Id, deviceId, token);
            if (device is null || !Allows(change, device.Status) || kinds.Find(device.Kind) is null)
            {
                return DeviceErrors.Gone;
            }

            return await WhyAloneAsync(db, device, change, token) is { } alone
                ? alone
                : await BeginAsync(
                    db, wish, new DeviceChangeSubject(change, device.Id, device.Kind, device.Label, null, wish.Session), token);
        },
        ct);

    /// <summary>Begins, or goes on with, the activation of a waiting device.</summary>
    public Task<Result<ChallengeHandle>> ActivateAsync(
        Wish wish, Guid deviceId, CancellationToken ct) => writer.RunAsync<Result<ChallengeHandle>>(
        async (db, token) =>
        {
            var device = await db.Set<Device>().AsNoTracking().SingleOrDefaultAsync(
                d => d.UserId == wish.User.Id && d.Id == deviceId, token);
            if (device is not { Status: DeviceStatus.Waiting } || kinds.Find(device.Kind) is not IAddableKind kind)
            {
                return DeviceErrors.Gone;
            }

            // Its key is for who asked for it; a thing has nothing to show.
            if (!kind.Traits.Physical && device.OrderedIn != wish.Session)
            {
                return DeviceErrors.OtherSession;
            }

            var subject = new DeviceActivationSubject(device.Id, device.Kind, device.Label);
            var request = activations.For(wish.User, subject, wish.Language, wish.Opener);
            return await opening.BeginOnAsync(db, request, new AskedOf(device.Credential, device.Id), had: null, token);
        },
        ct);

    private Task<Result<ChallengeHandle>> BeginAsync(
        CountersignDbContext db, Wish wish, DeviceChangeSubject subject, CancellationToken ct) =>
        opening.BeginAsync(db, changes.For(wish.User, subject, wish.Language, wish.Opener), ct);

    /// <summary>How many devices the user has, waiting ones among them.</summary>
    public static Task<int> CountAsync(CountersignDbContext db, Guid userId, CancellationToken ct) =>
        db.Set<Device>().CountAsync(d => d.UserId == userId && DeviceLife.Held.Contains(d.Status), ct);

    /// <summary>
    /// Why the only active device may not change like this: it cannot confirm its own loss, nor go where nothing would be left. Null
    /// when it may.
    /// </summary>
    private async Task<Error?> WhyAloneAsync(CountersignDbContext db, DeviceView device, DeviceChange change, CancellationToken ct) =>
        device.Status != DeviceStatus.Active ? null
        : change == DeviceChange.Remove ? await last.IsAsync(db, device.UserId, device.Id, ct) ? DeviceErrors.OnlyOne : null
        : await LastDevice.HasOtherAsync(db, device.UserId, device.Id, ct) ? null : DeviceErrors.NoOther;

    private static bool Allows(DeviceChange change, DeviceStatus status) => change switch
    {
        DeviceChange.Suspend => status == DeviceStatus.Active,
        DeviceChange.Resume => status == DeviceStatus.Suspended,
        DeviceChange.Unlock => status == DeviceStatus.Active,
        DeviceChange.Lost => status is DeviceStatus.Active or DeviceStatus.Suspended,
        _ => DeviceLife.Held.Contains(status),
    };
}
