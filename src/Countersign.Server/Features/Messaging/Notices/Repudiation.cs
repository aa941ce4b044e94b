using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Countersign.Server.Features.Messaging.Notices;

/// <summary>The right to say of one event <em>this was not me</em> (D26): once, for seven days, by whoever was told of it.</summary>
internal sealed class Repudiation
{
    public required Guid UserId { get; init; }

    public required Guid Id { get; init; }

    /// <summary>SHA-256 of the 128-bit token that only the notice holds.</summary>
    public required byte[] TokenHash { get; init; }

    /// <summary>What the notice was about; see <c>Notice</c>.</summary>
    public required string Notice { get; init; }

    public required DateTimeOffset At { get; init; }

    public required DateTimeOffset ExpiresAt { get; init; }

    public DateTimeOffset? UsedAt { get; set; }

    internal sealed class Mapping : IEntityTypeConfiguration<Repudiation>
    {
        public void Configure(EntityTypeBuilder<Repudiation> builder)
        {
            builder.ToTable("repudiations");
            builder.HasKey(r => new { r.UserId, r.Id });
            builder.Property(r => r.TokenHash).HasMaxLength(32);
            builder.Property(r => r.Notice).HasMaxLength(32);
            builder.HasIndex(r => r.TokenHash).IsUnique();
            builder.HasIndex(r => r.ExpiresAt);
        }
    }
}
