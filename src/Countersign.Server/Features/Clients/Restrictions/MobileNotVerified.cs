using System.ComponentModel.DataAnnotations;
using Countersign.Server.Data;
using Countersign.Server.Features.Registry.Accounts;
using Countersign.Server.Features.Registry.PhoneNumbers;
using Countersign.Server.Features.Registry.Users;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace Countersign.Server.Features.Clients.Restrictions;

/// <summary>What follows while a user has no verified number.</summary>
internal sealed class MobileNotVerifiedOptions
{
    public const string Section = "Restrictions:MobileNotVerified";

    /// <summary>What the platform is to refuse, parted by spaces; empty switches the restriction off.</summary>
    [StringLength(500, MinimumLength = 0), RegularExpression("^([a-z_]+(\\.[a-z_]+)*( [a-z_]+(\\.[a-z_]+)*)*)?$")]
    public string Forbids { get; set; } = "orders.open";
}

/// <summary>Checks <see cref="MobileNotVerifiedOptions"/> at start.</summary>
[OptionsValidator]
internal sealed partial class MobileNotVerifiedOptionsValidator : IValidateOptions<MobileNotVerifiedOptions>;

/// <summary>A client without a verified number does not trade until one is verified (S5).</summary>
internal sealed class MobileNotVerified(IOptions<MobileNotVerifiedOptions> options) : IRestrictionRule
{
    private const string Code = "mobile_not_verified";

    public IReadOnlyList<string> Codes => [Code];

    public async Task<IReadOnlyList<Restriction>> OfAsync(CountersignDbContext db, Guid accountId, CancellationToken ct)
    {
        var forbids = options.Value.Forbids.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (forbids.Length == 0)
        {
            return [];
        }

        var users = await (
            from acts in db.Set<AccountUser>()
            join user in db.Set<User>() on acts.UserId equals user.Id
            where acts.AccountId == accountId
                && !db.Set<PhoneNumber>().Any(n => n.UserId == user.Id && n.VerifiedAt != null && n.RemovedAt == null)
            select new { user.Name, user.CreatedAt }).ToListAsync(ct);
        return [.. users.OrderBy(u => u.Name, StringComparer.OrdinalIgnoreCase)
            .Select(u => new Restriction(Code, u.Name, u.CreatedAt, forbids))];
    }
}
