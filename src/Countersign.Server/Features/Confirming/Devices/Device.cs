using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Countersign.Server.Features.Confirming.Devices;

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

    /// <summary>The protection context of the same column where the row stands for a thing: it then holds which one.</summary>
    public const string PhysicalIdColumn = "devices.physical_id";

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

    /// <summary>Protected; the kind's own. See <see cref="DeviceStates"/>.</summary>
    public required byte[] State { get; set; }

    /// <summary>Wrong responses since the last right one, over all challenges and nodes (D9).</summary>
    public int Tries { get; set; }

    public required DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset? ActivatedAt { get; set; }

    /// <summary>From when the device has the tier of its kind (D2).</summary>
    public DateTimeOffset? TrustedAt { get; set; }

    public DateTimeOffset? LastUsedAt { get; set; }

    /// <summary>The tier of the device that confirmed this one: until <see cref="TrustedAt"/> it is the most that this one has (D2). Null where nothing limits it.</summary>
    public string? InheritedTier { get; set; }

    /// <summary>The client's choice for the picker. At most one of a user's devices has it.</summary>
    public bool Preferred { get; set; }

    /// <summary>The thing itself, for kinds whose things are imported and may be shared; it then holds state and position (D11).</summary>
    public Guid? PhysicalId { get; init; }

    /// <summary>The session in which a waiting device was asked for. No other one sees its key, or says which passkey it is (D1).</summary>
    public Guid? OrderedIn { get; set; }

    /// <summary>When it stopped being active for good.</summary>
    public DateTimeOffset? EndedAt { get; set; }

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
            builder.Property(d => d.InheritedTier).HasMaxLength(32);

            // The release before knows no choice.
            builder.Property(d => d.Preferred).HasDefaultValue(false);
            builder.HasIndex(d => new { d.UserId, d.Kind, d.Serial }).IsUnique();
            builder.HasIndex(d => d.PhysicalId);
        }
    }
}
