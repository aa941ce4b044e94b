using Countersign.Server.Features.Ground.Audit;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Countersign.Server.Features.Confirming.Devices;

/// <summary>What happened to a device.</summary>
internal enum DeviceEventKind
{
    Ordered,
    Shipped,

    /// <summary>It is in the client's hands and waits to show it.</summary>
    Waiting,

    Activated,
    Renamed,
    Preferred,
    Suspended,
    Resumed,

    /// <summary>Too many wrong responses in a row: it answers no more (D9).</summary>
    Locked,

    Unlocked,
    Lost,

    /// <summary>It counts in the bar no more, days after a weaker one ended it (D1).</summary>
    Released,
    Removed,
    Expired,
}

/// <summary>
/// One line of a device's history. Kept for ever: every authenticator that was ever bound stays on record (NIST SP 800-63B §4.1).
/// </summary>
internal sealed class DeviceEvent
{
    public required Guid UserId { get; init; }

    public required Guid Id { get; init; }

    public required Guid DeviceId { get; init; }

    public required DateTimeOffset At { get; init; }

    public required DeviceEventKind What { get; init; }

    /// <summary>The device that agreed; null where none was asked.</summary>
    public Guid? ByDeviceId { get; init; }

    public required ActorKind ActorKind { get; init; }

    /// <inheritdoc cref="Actor.Id"/>
    public string? ActorId { get; init; }

    /// <inheritdoc cref="Actor.Source"/>
    public string? Source { get; init; }

    internal sealed class Mapping : IEntityTypeConfiguration<DeviceEvent>
    {
        public void Configure(EntityTypeBuilder<DeviceEvent> builder)
        {
            builder.ToTable("device_events");
            builder.HasKey(e => new { e.UserId, e.Id });
            builder.Property(e => e.ActorId).HasMaxLength(Actor.MaximumLength);
            builder.Property(e => e.Source).HasMaxLength(Actor.MaximumLength);
            builder.HasIndex(e => new { e.UserId, e.DeviceId });
        }
    }
}
