using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Countersign.Server.Features.Messages;

/// <summary>How a message travels.</summary>
internal enum MessageChannel
{
    Sms,
    Email,
    Voice,
}

/// <summary>Where a message is on its way.</summary>
internal enum MessageState
{
    Queued,
    Sending,
    Sent,
    Delivered,
    Failed,
    Unknown,
    Expired,
}

/// <summary>A message on its way out, written in the unit of work that caused it.</summary>
internal sealed class Message
{
    /// <summary>The protection context of <see cref="Content"/>.</summary>
    public const string ContentColumn = "messages.content";

    public required Guid UserId { get; init; }

    public required Guid Id { get; init; }

    /// <summary>The challenge whose page shows this message's delivery.</summary>
    public Guid? ChallengeId { get; init; }

    public required MessageChannel Channel { get; init; }

    public required string Recipient { get; init; }

    /// <summary>Name of the template: what sort of message this is.</summary>
    public required string Template { get; init; }

    /// <summary>Protected language and parameters; null once the message is final and they are erased.</summary>
    public byte[]? Content { get; set; }

    public required MessageState State { get; set; }

    public int Attempts { get; set; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>A message that comes after this is worse than none.</summary>
    public required DateTimeOffset ExpiresAt { get; init; }

    /// <summary>Not before; while <see cref="MessageState.Sending"/>, until when the claim holds.</summary>
    public required DateTimeOffset DueAt { get; set; }

    public DateTimeOffset? SentAt { get; set; }

    public string? Gateway { get; set; }

    internal sealed class Mapping : IEntityTypeConfiguration<Message>
    {
        public void Configure(EntityTypeBuilder<Message> builder)
        {
            builder.ToTable("messages");
            builder.HasKey(m => new { m.UserId, m.Id });
            builder.Property(m => m.Recipient).HasMaxLength(254);
            builder.Property(m => m.Template).HasMaxLength(64);
            builder.Property(m => m.Content).HasMaxLength(8_000);
            builder.Property(m => m.Gateway).HasMaxLength(32);
            builder.HasIndex(m => new { m.State, m.DueAt });
            builder.HasIndex(m => new { m.UserId, m.ChallengeId });
            builder.HasIndex(m => m.CreatedAt);
        }
    }
}
