using Countersign.Server.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Countersign.Server.Features.Registry.Users;

/// <summary>
/// An address that was a user's until a moment ago. It hears of everything while the one that took its place is new (D4): who has lost
/// the address to a thief learns there what else goes.
/// </summary>
internal sealed class FormerEmail
{
    public required Guid UserId { get; init; }

    public required Guid Id { get; init; }

    public required string Address { get; init; }

    public required DateTimeOffset ToldUntil { get; init; }

    internal sealed class Mapping : IEntityTypeConfiguration<FormerEmail>
    {
        public void Configure(EntityTypeBuilder<FormerEmail> builder)
        {
            builder.ToTable("former_emails");
            builder.HasKey(e => new { e.UserId, e.Id });
            builder.Property(e => e.Address).HasMaxLength(EmailAddress.MaximumLength);
            builder.HasIndex(e => e.ToldUntil);
        }
    }
}

/// <summary>Says to which addresses a user's mail goes.</summary>
internal static class Emails
{
    /// <summary>The address of today, and while that is new the ones before it.</summary>
    public static async Task<IReadOnlyList<string>> ToldAsync(
        CountersignDbContext db, UserView user, DateTimeOffset now, CancellationToken ct)
    {
        if (user.Email is not { } email)
        {
            return [];
        }

        if (user.HasTrustedEmail(now))
        {
            return [email];
        }

        // By the user alone: when each ends is looked at once they are there.
        var former = await db.Set<FormerEmail>().AsNoTracking().Where(e => e.UserId == user.Id).OrderBy(e => e.Id).ToListAsync(ct);
        return
        [
            .. former.Where(e => e.ToldUntil > now).Select(e => e.Address).Prepend(email).Distinct(StringComparer.OrdinalIgnoreCase),
        ];
    }
}
