using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Countersign.Server.Data.Protection;

/// <summary>One key of the Data Protection key ring, wrapped by a master key.</summary>
internal sealed class KeyRingRow
{
    public required string Name { get; init; }

    public required string Xml { get; init; }

    internal sealed class Mapping : IEntityTypeConfiguration<KeyRingRow>
    {
        public void Configure(EntityTypeBuilder<KeyRingRow> builder)
        {
            builder.ToTable("key_ring");
            builder.HasKey(k => k.Name);
            builder.Property(k => k.Name).HasMaxLength(200);
            builder.Property(k => k.Xml).HasMaxLength(16_000);
        }
    }
}
