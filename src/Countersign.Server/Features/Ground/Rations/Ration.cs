using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Countersign.Server.Features.Ground.Rations;

/// <summary>How much of something scarce an owner has used: wrong passwords from a source, messages to a device.</summary>
internal sealed class Ration
{
    /// <summary>A user's id, or a keyed hash of a name that may belong to nobody.</summary>
    public required Guid Owner { get; init; }

    public required string Name { get; init; }

    public required int Used { get; init; }

    public required DateTimeOffset StartedAt { get; init; }

    public required DateTimeOffset LastAt { get; init; }

    internal sealed class Mapping : IEntityTypeConfiguration<Ration>
    {
        public void Configure(EntityTypeBuilder<Ration> builder)
        {
            builder.ToTable("rations");
            builder.HasKey(r => new { r.Owner, r.Name });
            builder.Property(r => r.Name).HasMaxLength(128);
            builder.HasIndex(r => r.LastAt);
        }
    }
}
