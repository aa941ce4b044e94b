using System.Globalization;
using Countersign.Server.Data;
using Countersign.Server.Features.Messaging.Messages;
using Countersign.Server.Features.Messaging.Notices;
using Countersign.Server.Features.Registry.Users;

namespace Countersign.Server.Features.Confirming.Devices;

/// <summary>Tells the client of every change of a device, on every channel but the one in use (B5).</summary>
internal sealed class DeviceNotices(NoticeBoard board, KindCatalog kinds)
{
    /// <param name="withKind">The kind of the device that agreed, if one did: whoever holds it must not be the only one told.</param>
    public Task TellAsync(
        CountersignDbContext db, UserView user, DeviceEventKind what, Device device, string? withKind, CancellationToken ct)
    {
        var notice = what switch
        {
            DeviceEventKind.Activated => Notice.DeviceAdded,
            DeviceEventKind.Suspended => Notice.DeviceSuspended,
            DeviceEventKind.Resumed => Notice.DeviceResumed,
            DeviceEventKind.Locked => Notice.DeviceLocked,
            DeviceEventKind.Unlocked => Notice.DeviceUnlocked,
            DeviceEventKind.Lost => Notice.DeviceLost,
            DeviceEventKind.Released => Notice.LossHoldOver,
            DeviceEventKind.Expired => Notice.DeviceExpired,
            _ => Notice.DeviceRemoved,
        };
        return board.TellAsync(db, user, notice, InUse(withKind), ct, Name(user, device), TypedWords.Mark(device.Label));
    }

    /// <summary>A device below the bar suspended this one, or reported it as lost: told on every channel (D1).</summary>
    public Task TellHeldAsync(
        CountersignDbContext db, UserView user, Device device, DateTimeOffset until, CancellationToken ct) => board.TellAsync(
        db, user, Notice.LossHoldBegun, except: null, ct, Name(user, device), TypedWords.Mark(device.Label),
        Times.InWords(until, user.TimeZone, Language(user)));

    private string Name(UserView user, Device device) => kinds.Name(device.Kind, Language(user));

    private static CultureInfo Language(UserView user) => CultureInfo.GetCultureInfo(user.Language ?? "en");

    /// <summary>The channel that whoever holds a device of this kind sees.</summary>
    public MessageChannel? InUse(string? kind) => kind is null ? null : kinds.Find(kind)?.Traits.Channel switch
    {
        KindChannel.Sms => MessageChannel.Sms,
        KindChannel.Mail => MessageChannel.Email,
        _ => null,
    };
}
