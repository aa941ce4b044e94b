using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Countersign.Server.Features.Registry.People;

/// <summary>A human. Has one or more users, holds accounts, owns physical devices.</summary>
internal sealed class Person
{
    public required Guid Id { get; init; }

    /// <summary>The broker's own key for the person.</summary>
    public required string Number { get; init; }

    public required string Name { get; set; }

    /// <summary>ISO 3166 alpha-2 country in which the person lives.</summary>
    public required string Residence { get; set; }

    /// <summary>Protected <see cref="HolderDetails"/>: what PIN rules and caller checks need.</summary>
    public required byte[] Details { get; set; }

    /// <summary>
    /// Until when the postal address is too new to be relied on (D4); null: it was on record when the person was, or there is none.
    /// </summary>
    public DateTimeOffset? AddressTrustedAt { get; set; }

    internal sealed class Mapping : IEntityTypeConfiguration<Person>
    {
        public void Configure(EntityTypeBuilder<Person> builder)
        {
            builder.ToTable("people");
            builder.Property(p => p.Id).ValueGeneratedNever();
            builder.Property(p => p.Number).HasMaxLength(64);
            builder.Property(p => p.Name).HasMaxLength(200);
            builder.Property(p => p.Residence).HasMaxLength(2);
            builder.Property(p => p.Details).HasMaxLength(32_000);
            builder.HasIndex(p => p.Number).IsUnique();
        }
    }
}
