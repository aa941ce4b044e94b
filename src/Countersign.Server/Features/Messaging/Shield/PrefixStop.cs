using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Countersign.Server.Features.Messaging.Shield;

/// <summary>How far a stop goes.</summary>
internal enum StopScope
{
    /// <summary>Only messages to numbers that nobody has shown to be theirs: owners sign in as before.</summary>
    Unproven,

    /// <summary>Every message.</summary>
    All,
}

/// <summary>
/// Numbers that begin with <see cref="Prefix"/> get no messages for now. Lifting a stop deletes the row; who did what when is in
/// the audit log.
/// </summary>
internal sealed class PrefixStop
{
    /// <summary>E.164, from the plus sign on; at least the country's calling code.</summary>
    public required string Prefix { get; init; }

    public required StopScope Scope { get; set; }

    public required DateTimeOffset StoppedAt { get; init; }

    /// <summary>Who stopped it: <c>shield</c>, or an operator's name.</summary>
    public required string By { get; init; }

    /// <summary>Messages sent and codes that came back when the shield stopped it; null where a person did.</summary>
    public int? Sent { get; init; }

    public int? Verified { get; init; }

    internal sealed class Mapping : IEntityTypeConfiguration<PrefixStop>
    {
        public void Configure(EntityTypeBuilder<PrefixStop> builder)
        {
            builder.ToTable("prefix_stops");
            builder.HasKey(s => s.Prefix);
            builder.Property(s => s.Prefix).HasMaxLength(16);
            builder.Property(s => s.By).HasMaxLength(64);
        }
    }
}

/// <summary>A number on a do-not-call register (S3).</summary>
internal sealed class DoNotCallNumber
{
    public required string E164 { get; init; }

    /// <summary>Which register: the operator's name for the file.</summary>
    public required string Register { get; init; }

    public required DateTimeOffset ImportedAt { get; init; }

    internal sealed class Mapping : IEntityTypeConfiguration<DoNotCallNumber>
    {
        public void Configure(EntityTypeBuilder<DoNotCallNumber> builder)
        {
            builder.ToTable("do_not_call_numbers");
            builder.HasKey(n => new { n.E164, n.Register });
            builder.Property(n => n.E164).HasMaxLength(16);
            builder.Property(n => n.Register).HasMaxLength(32);
        }
    }
}
