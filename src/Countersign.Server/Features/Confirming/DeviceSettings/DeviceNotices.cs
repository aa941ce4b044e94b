using System.Globalization;
using Countersign.Server.Data;
using Countersign.Server.Features.Confirming.Challenges;
using Countersign.Server.Features.Confirming.Devices;
using Countersign.Server.Features.Kinds.TextMessages;
using Countersign.Server.Features.Messaging.Messages;
using Countersign.Server.Features.Messaging.Notices;
using Countersign.Server.Features.Registry.Users;

namespace Countersign.Server.Features.Confirming.DeviceSettings;

/// <summary>Tells the client of every change of a device, on every channel but the one in use (B5).</summary>
internal sealed class DeviceNotices(NoticeBoard board, KindCatalog kinds)
{
    /// <param name="byKind">The kind of the device that agreed: whoever holds it must not be the only one told.</param>
    public Task TellAsync(CountersignDbContext db, UserView user, DeviceEventKind what, string kind, string label, string byKind, CancellationToken ct)
    {
        var notice = what switch
        {
            DeviceEventKind.Activated => Notice.DeviceAdded,
            DeviceEventKind.Suspended => Notice.DeviceSuspended,
            DeviceEventKind.Resumed => Notice.DeviceResumed,
            DeviceEventKind.Lost => Notice.DeviceLost,
            DeviceEventKind.Expired => Notice.DeviceExpired,
            _ => Notice.DeviceRemoved,
        };
        MessageChannel? inUse = byKind == TextMessageKind.KindId ? MessageChannel.Sms : null;
        return board.TellAsync(db, user, notice, inUse, ct, kinds.Name(kind, CultureInfo.GetCultureInfo(user.Language ?? "en")), label);
    }
}
