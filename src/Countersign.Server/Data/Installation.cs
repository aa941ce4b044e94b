using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Countersign.Server.Data;

/// <summary>The one row that says what this database is. Written when the database is created and never changed (D30).</summary>
internal sealed class Installation
{
    public const int OnlyId = 1;

    public required int Id { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Whether the database holds demo personas. Irrevocable.</summary>
    public required bool Demo { get; init; }

    internal sealed class Mapping : IEntityTypeConfiguration<Installation>
    {
        public void Configure(EntityTypeBuilder<Installation> builder)
        {
            builder.ToTable("installations");
            builder.Property(i => i.Id).ValueGeneratedNever();
        }
    }
}
