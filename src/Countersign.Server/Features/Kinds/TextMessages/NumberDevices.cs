using Countersign.Server.Data;
using Countersign.Server.Features.Confirming.Devices;
using Countersign.Server.Features.Registry.PhoneNumbers;
using Countersign.Server.Features.Registry.Users;
using Microsoft.EntityFrameworkCore;

namespace Countersign.Server.Features.Kinds.TextMessages;

/// <summary>
/// SMS devices: a number that codes go to is a credential, and while it is a second factor a device stands for it. What its owner
/// reported as lost, or let rest, no number wakes.
/// </summary>
internal sealed class NumberDevices(AddressCredentials addresses, DeviceLife life, DeviceReach reaches, UserViews users, TimeProvider time)
{
    /// <summary>What answers for a number, whether or not it is a second factor yet.</summary>
    public Task<CredentialView> CredentialAsync(CountersignDbContext db, PhoneNumber number, CancellationToken ct) =>
        addresses.OfAsync(db, number.UserId, TextMessageKind.KindId, Serial(number.Id), number.E164, ct);

    /// <summary>Why codes may not go to a number: its device was reported as lost, or rests. Null when they may.</summary>
    public static async Task<Error?> RefusesAsync(
        CountersignDbContext db, PhoneNumber number, CancellationToken ct) => (await NewestAsync(db, number, ct))?.Status switch
        {
            DeviceStatus.Lost => NumberErrors.PhoneLost,
            DeviceStatus.Suspended => NumberErrors.PhoneSuspended,
            _ => null,
        };

    /// <summary>Whether codes could go to this number and to no other one.</summary>
    public static async Task<bool> IsLastAsync(CountersignDbContext db, Guid userId, Guid numberId, CancellationToken ct) =>
        await LastDevice.AnsweringNumbersAsync(db, userId, ct) is [var last] && last.Id == numberId;

    /// <summary>Codes go to this number from now on, if they go to a number at all and may go to this one.</summary>
    public async Task MoveAsync(CountersignDbContext db, PhoneNumber number, Cause cause, CancellationToken ct)
    {
        var others = (await NumberedAsync(db, number.UserId, ct))
            .Where(d => d.Status == DeviceStatus.Active && d.Serial != Serial(number.Id))
            .ToList();

        // The others go only once this one is there, or nothing might be left to sign in with.
        if (others.Count > 0 && await ActivateAsync(db, number, cause, ct) is not null)
        {
            foreach (var other in others)
            {
                await life.EndAsync(db, number.UserId, other.Id, DeviceStatus.Revoked, cause, ct);
            }
        }
    }

    /// <summary>Nothing goes to this number any more.</summary>
    public async Task EndAsync(CountersignDbContext db, Guid userId, Guid numberId, Cause cause, CancellationToken ct)
    {
        foreach (var device in (await NumberedAsync(db, userId, ct)).Where(
            d => d.Serial == Serial(numberId) && DeviceLife.Held.Contains(d.Status)))
        {
            await life.EndAsync(db, userId, device.Id, DeviceStatus.Revoked, cause, ct);
        }

        await EnrolmentRequest.AddAsync(db, userId, time.GetUtcNow(), ct);
    }

    /// <summary>Makes the number a second factor.</summary>
    /// <returns>Its device; null where it may not be one.</returns>
    public async Task<Guid?> ActivateAsync(CountersignDbContext db, PhoneNumber number, Cause cause, CancellationToken ct)
    {
        var before = await NewestAsync(db, number, ct);
        if (before?.Status is DeviceStatus.Active or DeviceStatus.Lost or DeviceStatus.Suspended
            || await users.FindAsync(db, number.UserId, ct) is not { } user)
        {
            return before?.Status == DeviceStatus.Active ? before.Id : null;
        }

        var credential = await CredentialAsync(db, number, ct);
        if (number.VerifiedAt is { } proved)
        {
            await AddressCredentials.ProvedAsync(db, credential.Key, proved, ct);
        }

        // Whoever has the phone by now: what was trusted before it ended says nothing about it.
        var now = time.GetUtcNow();
        var trusted = (before is null ? number.VerifiedAt ?? now : now) + user.Regime.TrustAge;
        var reach = cause.With is { } with ? reaches.Of(with)
            : number.AgreedReach is { } tier ? new Reach(tier, TextMessageKind.Strength)
            : null;
        var device = new NewDevice(number.UserId, credential, MobileNumber.Mask(number.E164), DeviceStatus.Active, TextMessageKind.KindId)
        {
            Reach = reach,
            TrustedAt = DeviceReach.Later(trusted, await reaches.HeldBackUntilAsync(db, user, reach?.Strength, ct)),
        };
        return (await life.MakeAsync(db, device, cause, ct)).Id;
    }

    /// <summary>The device that stood for the number last, whatever has become of it.</summary>
    private static async Task<DeviceView?> NewestAsync(CountersignDbContext db, PhoneNumber number, CancellationToken ct) =>
        (await NumberedAsync(db, number.UserId, ct)).Where(d => d.Serial == Serial(number.Id)).MaxBy(d => d.CreatedAt);

    private static async Task<IEnumerable<DeviceView>> NumberedAsync(CountersignDbContext db, Guid userId, CancellationToken ct) =>
        (await DeviceViews.AllAsync(db, userId, ct)).Where(d => d.Kind == TextMessageKind.KindId);

    private static string Serial(Guid numberId) => numberId.ToString("N");
}
