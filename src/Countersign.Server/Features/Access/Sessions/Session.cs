using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Countersign.Server.Features.Access.Sessions;

/// <summary>How far a session reaches.</summary>
internal enum SessionScope
{
    /// <summary>Everything: both factors were shown.</summary>
    Full,

    /// <summary>Only the person's own account application: a password was shown, and there is no device and no money yet (D1).</summary>
    AccountOpening,
}

/// <summary>One signed-in browser. The cookie holds a token; the row holds its hash.</summary>
internal sealed class Session
{
    public required Guid UserId { get; init; }

    public required Guid Id { get; init; }

    /// <summary>Keyed hash of the 256-bit token and the row's key; see <see cref="SessionToken"/>.</summary>
    public required byte[] TokenHash { get; set; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required DateTimeOffset LastSeenAt { get; set; }

    /// <summary>The end that no activity moves.</summary>
    public required DateTimeOffset ExpiresAt { get; init; }

    public DateTimeOffset? EndedAt { get; set; }

    public SessionScope Scope { get; init; }

    /// <summary>Empty for a session that no device has confirmed.</summary>
    public required Guid DeviceId { get; init; }

    public required string DeviceKind { get; init; }

    /// <summary>When the device that signed in has, or had, the tier of its kind: before that the session says so (D2).</summary>
    public DateTimeOffset? DeviceTrustedAt { get; init; }

    /// <summary>Address from which the sign-in came, as the owner sees it.</summary>
    public required string Source { get; init; }

    /// <summary>Browser and system in words, as the browser names itself.</summary>
    public required string Browser { get; init; }

    internal sealed class Mapping : IEntityTypeConfiguration<Session>
    {
        public void Configure(EntityTypeBuilder<Session> builder)
        {
            builder.ToTable("sessions");
            builder.HasKey(s => new { s.UserId, s.Id });
            builder.Property(s => s.TokenHash).HasMaxLength(32);

            // The release before knows no scopes, and its sessions had shown both factors.
            builder.Property(s => s.Scope).HasDefaultValue(SessionScope.Full).HasSentinel(SessionScope.Full);
            builder.Property(s => s.DeviceKind).HasMaxLength(32);
            builder.Property(s => s.Source).HasMaxLength(64);
            builder.Property(s => s.Browser).HasMaxLength(100);
            builder.HasIndex(s => s.ExpiresAt);
        }
    }
}
