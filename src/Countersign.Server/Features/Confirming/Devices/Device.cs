using Countersign.Server.Data.Protection;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Countersign.Server.Features.Confirming.Devices;

/// <summary>
/// The life of a device (B5). Only an active one answers challenges; one that waits answers the challenge of its own activation.
/// </summary>
internal enum DeviceStatus
{
    /// <summary>Asked for, and not on its way yet.</summary>
    Ordered,

    Shipped,

    /// <summary>In the client's hands, by the client's word: it has to show it.</summary>
    Waiting,

    Active,
    Suspended,
    Lost,
    Revoked,
    Expired,
}

/// <summary>
/// A user's second factor: the user's hold on a credential. What answers is the credential; this row says what it may do for the
/// user.
/// </summary>
internal sealed class Device
{
    /// <summary>How <see cref="Hold"/> is sealed.</summary>
    public static readonly SealedColumn HoldColumn = new("holds on shared credentials", "devices", "hold", owner: "user_id");

    public required Guid UserId { get; init; }

    public required Guid Id { get; init; }

    /// <summary>Kind id, such as <c>sms</c>; that of the credential.</summary>
    public required string Kind { get; init; }

    public required Guid CredentialOwner { get; init; }

    public required Guid CredentialId { get; init; }

    /// <summary>
    /// Protected: which credential it stands for, where that is not the user's own. A row that was pointed to another one answers
    /// nothing (D28).
    /// </summary>
    public byte[]? Hold { get; init; }

    /// <summary>The name that the person sees.</summary>
    public required string Label { get; set; }

    public required DeviceStatus Status { get; set; }

    public required DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset? ActivatedAt { get; set; }

    /// <summary>Name of the tier that it has once it is trusted.</summary>
    public required string Tier { get; set; }

    /// <summary>From when the device has its own tier (D2).</summary>
    public DateTimeOffset? TrustedAt { get; set; }

    /// <summary>
    /// The tier of the device that confirmed this one: until <see cref="TrustedAt"/> it is the most that this one has (D2). Null
    /// where nothing limits it.
    /// </summary>
    public string? Reach { get; set; }

    /// <summary>The strength of that device, as it was then; it limits this one in the same way. Null where nothing does.</summary>
    public int? ReachStrength { get; set; }

    /// <summary>
    /// Whether it was ever trusted until it was suspended or lost: the bar goes on counting it with its own strength, though it is
    /// trusted anew after that (D2).
    /// </summary>
    public bool WasTrusted { get; set; }

    /// <summary>
    /// When a device below the bar suspended it or reported it as lost; null where none did. From then on it counts in the bar for
    /// the loss hold (D1).
    /// </summary>
    public DateTimeOffset? HeldSince { get; set; }

    /// <summary>When the client is to be told that the loss hold is over; null once that is done, and where there is none.</summary>
    public DateTimeOffset? HoldNoticeAt { get; set; }

    /// <summary>The client's choice for the picker. At most one of a user's devices has it.</summary>
    public bool Preferred { get; set; }

    /// <summary>The session in which a waiting device was asked for. No other one sees its key, or says which passkey it is (D1).</summary>
    public Guid? OrderedIn { get; set; }

    /// <summary>Until when one that waits can be activated; null: it is a thing, and waits as long as its owner does.</summary>
    public DateTimeOffset? WaitsUntil { get; set; }

    /// <summary>When it stopped being active.</summary>
    public DateTimeOffset? EndedAt { get; set; }

    public CredentialKey Credential => new(CredentialOwner, CredentialId);

    internal sealed class Mapping : IEntityTypeConfiguration<Device>
    {
        public void Configure(EntityTypeBuilder<Device> builder)
        {
            builder.ToTable("devices");
            builder.HasKey(d => new { d.UserId, d.Id });
            builder.Ignore(d => d.Credential);
            builder.Property(d => d.Kind).HasMaxLength(32);
            builder.Property(d => d.Hold).HasMaxLength(400);
            builder.Property(d => d.Label).HasMaxLength(64);
            builder.Property(d => d.Tier).HasMaxLength(32);
            builder.Property(d => d.Reach).HasMaxLength(32);
            builder.HasIndex(d => d.HoldNoticeAt).HasFilter("hold_notice_at IS NOT NULL");
            builder.HasIndex(d => d.WaitsUntil).HasFilter("status = 'Waiting'");
            builder.HasIndex(d => new { d.CredentialOwner, d.CredentialId });

            // A user holds a credential once: what ended may be taken up again, as another device.
            builder.HasIndex(d => new { d.UserId, d.CredentialId }).IsUnique().HasFilter(
                "status IN ('Ordered', 'Shipped', 'Waiting', 'Active', 'Suspended')");
        }
    }
}
