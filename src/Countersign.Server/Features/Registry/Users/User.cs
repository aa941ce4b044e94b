using Countersign.Server.Features.Ground.Jurisdictions;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Countersign.Server.Features.Registry.Users;

/// <summary>One user name that signs in. One person may have several.</summary>
internal sealed class User
{
    public required Guid Id { get; init; }

    public required Guid PersonId { get; init; }

    /// <summary>As the person writes it.</summary>
    public required string Name { get; init; }

    /// <summary>As it is compared; see <see cref="UserName"/>.</summary>
    public required string NormalisedName { get; init; }

    public string? Email { get; set; }

    /// <summary>When a code that was sent to <see cref="Email"/> came back.</summary>
    public DateTimeOffset? EmailConfirmedAt { get; set; }

    /// <summary>
    /// Until when <see cref="Email"/> is too new to stand for the user (D4); null: it was on record when the user was, and always did.
    /// </summary>
    public DateTimeOffset? EmailTrustedAt { get; set; }

    /// <summary>Language tag of the person's choice; null until one is chosen or imported.</summary>
    public string? Language { get; set; }

    /// <summary>IANA time zone in which times are shown.</summary>
    public required string TimeZone { get; set; }

    /// <summary>Which law the user lives under: id of a <see cref="Regime"/>.</summary>
    public string RegimeId { get; set; } = Regime.DefaultId;

    /// <summary>Null until a password is set: such a user cannot sign in.</summary>
    public string? PasswordHash { get; set; }

    public DateTimeOffset? PasswordSetAt { get; set; }

    /// <summary>The next sign-in leads to a new password before anything else.</summary>
    public bool MustChangePassword { get; set; }

    /// <summary>Since when nothing can be done in the user's name (D10, D26); null: it can.</summary>
    public DateTimeOffset? FrozenAt { get; set; }

    public required DateTimeOffset CreatedAt { get; init; }

    internal sealed class Mapping : IEntityTypeConfiguration<User>
    {
        public void Configure(EntityTypeBuilder<User> builder)
        {
            builder.ToTable("users");
            builder.Property(u => u.Id).ValueGeneratedNever();
            builder.Property(u => u.Name).HasMaxLength(UserName.MaximumLength);
            builder.Property(u => u.NormalisedName).HasMaxLength(UserName.MaximumLength);
            builder.Property(u => u.Email).HasMaxLength(254);
            builder.Property(u => u.Language).HasMaxLength(16);
            builder.Property(u => u.TimeZone).HasMaxLength(64);
            builder.Property(u => u.RegimeId).HasMaxLength(Regime.LongestId);
            builder.Property(u => u.PasswordHash).HasMaxLength(400);
            builder.HasIndex(u => u.NormalisedName).IsUnique();
            builder.HasIndex(u => u.PersonId);
        }
    }
}
