using Countersign.Server.Data.Protection;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Countersign.Server.Features.Messaging.Messages;

/// <summary>How a message travels.</summary>
internal enum MessageChannel
{
    Sms,
    Email,
    Voice,
}

/// <summary>What waits behind what: each class has places of its own to be sent from, so that nothing holds up a code.</summary>
internal enum MessageClass
{
    /// <summary>Answers a challenge: it is worth nothing in ten minutes.</summary>
    Code,

    /// <summary>Tells what happened.</summary>
    Notice,
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
    /// <summary>How <see cref="Content"/> is sealed.</summary>
    public static readonly SealedColumn ContentColumn = new("messages", "messages", "content", owner: "user_id");

    /// <summary>Nothing is left to do.</summary>
    public static readonly DateTimeOffset Never = new(9999, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public required Guid UserId { get; init; }

    public required Guid Id { get; init; }

    /// <summary>The challenge whose page shows this message's delivery.</summary>
    public Guid? ChallengeId { get; init; }

    public required MessageChannel Channel { get; init; }

    public required MessageClass Class { get; init; }

    public required string Recipient { get; init; }

    /// <summary>The number without its last four digits, by which pumping of a range shows; null for e-mail.</summary>
    public string? Range { get; init; }

    /// <summary>ISO 3166 code of the number's country, <c>ZZ</c> when it has none; null for e-mail.</summary>
    public string? Region { get; init; }

    /// <summary>Name of the template: what sort of message this is.</summary>
    public required string Template { get; init; }

    /// <summary>Protected language and parameters; null once the message is final and they are erased.</summary>
    public byte[]? Content { get; set; }

    public required MessageState State { get; set; }

    /// <summary>How many attempts have begun; the last one's number. It decides which gateway's turn it is.</summary>
    public int Attempts { get; set; }

    /// <summary>How many gateways refused it for good since all of them had their turn.</summary>
    public int Refusals { get; set; }

    /// <summary>Parts of an SMS, known once it has been sent; else 0.</summary>
    public int Parts { get; set; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>A message that comes after this is worse than none.</summary>
    public required DateTimeOffset ExpiresAt { get; init; }

    /// <summary>
    /// When something is to be done with it: while queued, not before; while sending, until when the claim holds; while sent
    /// or unknown, when the receipt is overdue; <see cref="Never"/> once nothing is left to do.
    /// </summary>
    public required DateTimeOffset DueAt { get; set; }

    public DateTimeOffset? SentAt { get; set; }

    /// <summary>The gateway of the last attempt, committed before it is called.</summary>
    public string? Gateway { get; set; }

    /// <summary>The gateway's own name for the message.</summary>
    public string? ProviderId { get; set; }

    /// <summary>The gateway's code for the last failure, for agents; never a text.</summary>
    public string? Failure { get; set; }

    internal sealed class Mapping : IEntityTypeConfiguration<Message>
    {
        public void Configure(EntityTypeBuilder<Message> builder)
        {
            builder.ToTable("messages");
            builder.HasKey(m => new { m.UserId, m.Id });
            builder.Property(m => m.Recipient).HasMaxLength(254);
            builder.Property(m => m.Template).HasMaxLength(64);
            builder.Property(m => m.Content).HasMaxLength(8_000);
            builder.Property(m => m.Range).HasMaxLength(16);
            builder.Property(m => m.Region).HasMaxLength(2);
            builder.Property(m => m.Gateway).HasMaxLength(32);
            builder.Property(m => m.ProviderId).HasMaxLength(64);
            builder.Property(m => m.Failure).HasMaxLength(32);
            builder.HasIndex(m => new { m.State, m.DueAt });
            builder.HasIndex(m => new { m.Channel, m.Class, m.State, m.DueAt });

            // The release before knows no classes.
            builder.Property(m => m.Class).HasDefaultValue(MessageClass.Notice).HasSentinel(MessageClass.Notice);
            builder.HasIndex(m => new { m.Range, m.CreatedAt });
            builder.HasIndex(m => new { m.UserId, m.ChallengeId });
            builder.HasIndex(m => m.CreatedAt);
        }
    }
}
