using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Countersign.Server.Features.Confirming.Devices;

/// <summary>Where a thing is in its life.</summary>
internal enum PhysicalStatus
{
    /// <summary>Imported, in nobody's hands yet.</summary>
    Stock,

    Assigned,

    /// <summary>Never used again: lost, worn out, or at its use limit.</summary>
    Retired,
}

/// <summary>
/// A thing that a client holds in the hand: a code card, a token. What is used once and what was tried wrongly is counted
/// here, whichever user answers with it (D11).
/// </summary>
internal sealed class PhysicalDevice
{
    /// <summary>The protection context of <see cref="State"/>.</summary>
    public const string StateColumn = "physical_devices.state";

    public required Guid Id { get; init; }

    /// <summary>Kind id, such as <c>code-card</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>As it is printed on the thing.</summary>
    public required string Serial { get; init; }

    public required PhysicalStatus Status { get; set; }

    /// <summary>The person who holds it.</summary>
    public Guid? PersonId { get; set; }

    /// <summary>What can be used once. Only ever grows.</summary>
    public long Position { get; set; }

    /// <summary>Raised with each change of <see cref="State"/>.</summary>
    public int Version { get; set; }

    /// <summary>Protected with the row's own identity; the kind's own.</summary>
    public required byte[] State { get; set; }

    public required DateTimeOffset ImportedAt { get; init; }

    public DateTimeOffset? AssignedAt { get; set; }

    internal sealed class Mapping : IEntityTypeConfiguration<PhysicalDevice>
    {
        public void Configure(EntityTypeBuilder<PhysicalDevice> builder)
        {
            builder.ToTable("physical_devices");
            builder.Property(d => d.Id).ValueGeneratedNever();
            builder.Property(d => d.Kind).HasMaxLength(32);
            builder.Property(d => d.Serial).HasMaxLength(64);
            builder.Property(d => d.State).HasMaxLength(16_000);
            builder.HasIndex(d => new { d.Kind, d.Serial }).IsUnique();
            builder.HasIndex(d => d.PersonId);
        }
    }
}
