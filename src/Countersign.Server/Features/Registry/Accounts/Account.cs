using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Countersign.Server.Features.Registry.Accounts;

/// <summary>A brokerage account.</summary>
internal sealed class Account
{
    public required Guid Id { get; init; }

    public required string Number { get; init; }

    /// <summary>ISO 3166 alpha-2 country of the account's seat.</summary>
    public required string Jurisdiction { get; set; }

    /// <summary>IANA time zone in which the account's days begin and end.</summary>
    public required string TimeZone { get; set; }

    public required decimal Equity { get; set; }

    /// <summary>ISO 4217.</summary>
    public required string EquityCurrency { get; set; }

    public required DateOnly EquityAsOf { get; set; }

    /// <summary>
    /// When it was first known here to hold money; null where it never did, or did before this was written down (D1).
    /// </summary>
    public DateTimeOffset? FundedAt { get; set; }

    internal sealed class Mapping : IEntityTypeConfiguration<Account>
    {
        public void Configure(EntityTypeBuilder<Account> builder)
        {
            builder.ToTable("accounts");
            builder.Property(a => a.Id).ValueGeneratedNever();
            builder.Property(a => a.Number).HasMaxLength(32);
            builder.Property(a => a.Jurisdiction).HasMaxLength(2);
            builder.Property(a => a.TimeZone).HasMaxLength(64);
            builder.Property(a => a.EquityCurrency).HasMaxLength(3);

            // An equity is never replaced by an older one: who has read an older row does not write.
            builder.Property(a => a.EquityAsOf).IsConcurrencyToken();
            builder.HasIndex(a => a.Number).IsUnique();
        }
    }
}

/// <summary>A person who owns the account, alone or with others.</summary>
internal sealed class AccountHolder
{
    public required Guid AccountId { get; init; }

    public required Guid PersonId { get; init; }

    internal sealed class Mapping : IEntityTypeConfiguration<AccountHolder>
    {
        public void Configure(EntityTypeBuilder<AccountHolder> builder)
        {
            builder.ToTable("account_holders");
            builder.HasKey(h => new { h.AccountId, h.PersonId });
            builder.HasIndex(h => h.PersonId);
        }
    }
}

/// <summary>A user who acts for the account.</summary>
internal sealed class AccountUser
{
    public required Guid AccountId { get; init; }

    public required Guid UserId { get; init; }

    public AccountRole Role { get; set; } = AccountRole.Owner;

    internal sealed class Mapping : IEntityTypeConfiguration<AccountUser>
    {
        public void Configure(EntityTypeBuilder<AccountUser> builder)
        {
            builder.ToTable("account_users");
            builder.HasKey(a => new { a.UserId, a.AccountId });
            builder.HasIndex(a => a.AccountId);
        }
    }
}
