using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Countersign.Server.Data;

/// <summary>The one row that says what this database is. Written when the database is created and never changed (D30).</summary>
internal sealed class Installation
{
    public const int OnlyId = 1;

    public required int Id { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>The master key that was current then, and what is derived from it: a server with another key file does not start.</summary>
    public required string KeyId { get; init; }

    public required byte[] KeyCheck { get; init; }

    /// <summary>Whether the database holds demo personas. Irrevocable.</summary>
    public required bool Demo { get; init; }

    internal sealed class Mapping : IEntityTypeConfiguration<Installation>
    {
        public void Configure(EntityTypeBuilder<Installation> builder)
        {
            builder.ToTable("installations");
            builder.Property(i => i.Id).ValueGeneratedNever();
            builder.Property(i => i.KeyId).HasMaxLength(16);
            builder.Property(i => i.KeyCheck).HasMaxLength(32);
        }
    }
}
