using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Countersign.Server.Features.Devices;

/// <summary>The life of a device (B5). Only an active one answers challenges.</summary>
internal enum DeviceStatus
{
    Ordered,
    Shipped,
    Active,
    Suspended,
    Lost,
    Revoked,
    Expired,
}

/// <summary>Something a user has that can answer a challenge. What only its kind understands is in <see cref="State"/>.</summary>
internal sealed class Device
{
    /// <summary>The protection context of <see cref="State"/>.</summary>
    public const string StateColumn = "devices.state";

    public required Guid UserId { get; init; }

    public required Guid Id { get; init; }

    /// <summary>Kind id, such as <c>sms</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>What tells this device from another of its kind: a serial number, or the id of the phone number it stands for.</summary>
    public required string Serial { get; init; }

    /// <summary>The name that the person sees.</summary>
    public required string Label { get; set; }

    public required DeviceStatus Status { get; set; }

    /// <summary>Raised with each change of <see cref="State"/>.</summary>
    public int Version { get; set; }

    /// <summary>What can be used once: the next counter, the last time step. Only ever grows.</summary>
    public long Position { get; set; }

    /// <summary>Protected; the kind's own.</summary>
    public required byte[] State { get; set; }

    /// <summary>Wrong responses since the last right one, over all challenges and nodes (D9).</summary>
    public int Tries { get; set; }

    public required DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset? ActivatedAt { get; set; }

    /// <summary>From when the device has the tier of its kind (D2).</summary>
    public DateTimeOffset? TrustedAt { get; set; }

    public DateTimeOffset? LastUsedAt { get; set; }

    internal sealed class Mapping : IEntityTypeConfiguration<Device>
    {
        public void Configure(EntityTypeBuilder<Device> builder)
        {
            builder.ToTable("devices");
            builder.HasKey(d => new { d.UserId, d.Id });
            builder.Property(d => d.Kind).HasMaxLength(32);
            builder.Property(d => d.Serial).HasMaxLength(64);
            builder.Property(d => d.Label).HasMaxLength(64);
            builder.Property(d => d.State).HasMaxLength(16_000);
            builder.HasIndex(d => new { d.UserId, d.Kind, d.Serial }).IsUnique();
        }
    }
}
