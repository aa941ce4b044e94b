using Countersign.Server.Data.Protection;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Countersign.Server.Features.Confirming.Devices;

/// <summary>Where a credential is in its life. Only a held one answers.</summary>
internal enum CredentialStatus
{
    /// <summary>Imported, in nobody's hands yet.</summary>
    Stock,

    Held,

    /// <summary>Never used again: lost, worn out, or at its use limit.</summary>
    Retired,
}

/// <summary>Names a credential. Its owner is a user, or a person where users of one person may share the thing.</summary>
internal readonly record struct CredentialKey(Guid Owner, Guid Id);

/// <summary>
/// What answers: a key, a counter, an address. What can be used once and what was tried wrongly is counted here, whichever user
/// answers with it (D9, D11). An address that is being verified is one without a device.
/// </summary>
internal sealed class Credential
{
    /// <summary>How <see cref="State"/> is sealed.</summary>
    public static readonly SealedColumn StateColumn = new("credentials", "credentials", "state", owner: "owner_id");

    /// <summary>The owner of what is in stock.</summary>
    public static readonly Guid Nobody = Guid.Empty;

    public required Guid OwnerId { get; init; }

    public required Guid Id { get; init; }

    /// <summary>Kind id, such as <c>code-card</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>
    /// What tells it from another of its kind: as it is printed on a thing, the id of the number it stands for, or its own id.
    /// </summary>
    public required string Serial { get; init; }

    public required CredentialStatus Status { get; set; }

    /// <summary>Protected with the row's own identity; the kind's own.</summary>
    public required byte[] State { get; set; }

    /// <summary>
    /// Raised with each change of <see cref="State"/> and of a device that stands for it: every spend names the one that was looked
    /// at.
    /// </summary>
    public int Version { get; set; }

    /// <summary>What can be used once: the next counter, the last time step. Only ever grows.</summary>
    public long Position { get; set; }

    /// <summary>Wrong responses since the last right one from browsers that had signed the user in before (D9).</summary>
    public int TriesKnown { get; set; }

    /// <summary>The same from all others.</summary>
    public int TriesUnknown { get; set; }

    /// <summary>When an address was last shown to be the person's; null for what is no address, or was not shown yet (D1).</summary>
    public DateTimeOffset? ProvedAt { get; set; }

    public DateTimeOffset? LastUsedAt { get; set; }

    public required DateTimeOffset CreatedAt { get; init; }

    public CredentialKey Key => new(OwnerId, Id);

    /// <summary>Wrong responses in a row from browsers of this sort.</summary>
    public int Tries(bool known) => known ? TriesKnown : TriesUnknown;

    internal sealed class Mapping : IEntityTypeConfiguration<Credential>
    {
        public void Configure(EntityTypeBuilder<Credential> builder)
        {
            builder.ToTable("credentials");
            builder.HasKey(c => new { c.OwnerId, c.Id });
            builder.Ignore(c => c.Key);
            builder.Property(c => c.Kind).HasMaxLength(32);
            builder.Property(c => c.Serial).HasMaxLength(64);
            builder.Property(c => c.State).HasMaxLength(16_000);
            builder.HasIndex(c => new { c.Kind, c.Serial }).IsUnique();
        }
    }
}
