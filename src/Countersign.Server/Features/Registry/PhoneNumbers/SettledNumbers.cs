using Countersign.Server.Data;
using Countersign.Server.Features.Registry.Accounts;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace Countersign.Server.Features.Registry.PhoneNumbers;

/// <summary>D1: once there is money, a number that was verified a moment ago is no way to the next number or device.</summary>
internal sealed class SettledNumbers(IOptions<PhoneNumberOptions> options, TimeProvider time)
{
    /// <summary>Serials of the devices that stand for numbers which are too new; none where there is no money.</summary>
    public async Task<IReadOnlyList<string>> TooNewAsync(CountersignDbContext db, Guid userId, CancellationToken ct)
    {
        if (!await AccountViews.IsFundedAsync(db, userId, ct))
        {
            return [];
        }

        var since = time.GetUtcNow() - options.Value.SettledAfter;
        var numbers = await db.VerifiedNumbersOf(userId).Where(n => n.VerifiedAt > since).Select(n => n.Id).ToListAsync(ct);
        return numbers.ConvertAll(id => id.ToString("N"));
    }

    /// <summary>Why a device may not agree; null when it may.</summary>
    /// <param name="serial">The device's; a number's device has the number's id.</param>
    /// <param name="tooNew">What <see cref="TooNewAsync"/> said when the challenge was opened.</param>
    public Error? Refuses(string serial, IReadOnlyList<string> tooNew) =>
        tooNew.Contains(serial)
            ? NumberErrors.TooNew with { Arguments = [(int)Math.Ceiling(options.Value.SettledAfter.TotalHours)] }
            : null;
}
