using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Countersign.Server.Features.Messaging.Shield;

/// <summary>
/// A code that went to a number which nobody had shown to be theirs, and whether it came back: by these rows pumping shows.
/// </summary>
internal sealed class AdmittedCode
{
    public required Guid UserId { get; init; }

    public required Guid Id { get; init; }

    /// <summary>Keyed hash of the number: this table holds none.</summary>
    public required Guid Recipient { get; init; }

    /// <summary>The number without its last four digits.</summary>
    public required string Range { get; init; }

    public required DateTimeOffset At { get; init; }

    /// <summary>When a code to this number came back.</summary>
    public DateTimeOffset? ProvedAt { get; init; }

    internal sealed class Mapping : IEntityTypeConfiguration<AdmittedCode>
    {
        public void Configure(EntityTypeBuilder<AdmittedCode> builder)
        {
            builder.ToTable("admitted_codes");
            builder.HasKey(c => new { c.UserId, c.Id });
            builder.Property(c => c.Range).HasMaxLength(16);
            builder.HasIndex(c => c.At);
        }
    }
}
