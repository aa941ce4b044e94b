using Countersign.Server.Data;
using Countersign.Server.Data.Protection;
using Countersign.Server.Features.Registry.PhoneNumbers;
using Countersign.Server.Features.Registry.Users;
using Microsoft.EntityFrameworkCore;

namespace Countersign.Server.Features.Confirming.Pins;

/// <summary>Gathers what is known of the person behind a user, for <see cref="PinRules"/>.</summary>
internal sealed class PinHolderFacts(RowProtection protection)
{
    public async Task<PinHolder> ReadAsync(CountersignDbContext db, Guid userId, CancellationToken ct)
    {
        var holder = await PersonViews.HolderOfUserAsync(db, protection, userId, ct);
        var numbers = await db.NumbersOf(userId).Select(n => n.E164).ToListAsync(ct);
        return new PinHolder(holder.Name, holder.Details, numbers);
    }
}
