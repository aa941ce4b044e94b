using Countersign.Server.Data.Protection;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Countersign.Server.Features.Confirming.Challenges;

/// <summary>Where a challenge stands. See the state diagram in <c>docs/challenges.md</c>.</summary>
internal enum ChallengeState
{
    /// <summary>No device is asked.</summary>
    Pending,

    Prompted,

    /// <summary>Whoever holds the device has agreed; the opener may use it for a minute.</summary>
    Approved,

    /// <summary>The purpose was carried out.</summary>
    Used,

    /// <summary>All tries were wrong.</summary>
    Failed,

    /// <summary>Whoever holds the device said no.</summary>
    Denied,

    Expired,
    Cancelled,
}

/// <summary>A request to one user for one proof, bound to a purpose and to the exact text that the person sees.</summary>
internal sealed class Challenge
{
    public static readonly SealedColumn SubjectColumn = new("challenges", "challenges", "subject", owner: "user_id");
    public static readonly SealedColumn PromptsColumn = new("prompts of challenges", "challenges", "prompts", owner: "user_id");

    public required Guid UserId { get; init; }

    public required Guid Id { get; init; }

    public required string Purpose { get; init; }

    /// <summary>Protected: what only the purpose understands.</summary>
    public required byte[] Subject { get; init; }

    /// <summary>What the person was told, word for word.</summary>
    public required string Statement { get; init; }

    public required string Language { get; init; }

    /// <summary>SHA-256 over purpose, language, text and details; see <c>StatementBytes</c>.</summary>
    public required byte[] StatementHash { get; init; }

    public required ChallengeState State { get; set; }

    /// <summary>Counts the choices of a device: an answer to an earlier prompt is void.</summary>
    public int PromptNo { get; set; }

    /// <summary>When the prompt ends, never later than the challenge; then the challenge is pending again.</summary>
    public DateTimeOffset? PromptEndsAt { get; set; }

    /// <summary>
    /// The device that was chosen; null also where a credential without a device answers, such as an address that is being
    /// verified.
    /// </summary>
    public Guid? DeviceId { get; set; }

    public Guid? CredentialOwner { get; set; }

    /// <summary>What answers: the chosen device's credential.</summary>
    public Guid? CredentialId { get; set; }

    /// <summary>Protected: each chosen credential's prompt, so that coming back to a device yields the same one.</summary>
    public byte[]? Prompts { get; set; }

    /// <summary>Guards <see cref="Prompts"/> against two writers.</summary>
    public int Version { get; set; }

    public int Tries { get; set; }

    public required int TriesAllowed { get; init; }

    public required OpenerKind OpenerKind { get; set; }

    /// <summary>SHA-256 of what only the opener has (D8).</summary>
    public required byte[] OpenerHash { get; set; }

    /// <summary>The session that alone goes on with it, and with whose end it ends (D32); null where it belongs to none.</summary>
    public Guid? SessionId { get; set; }

    /// <summary>The application that opened it and reads its state on, once a session has adopted it.</summary>
    public byte[]? ReaderHash { get; set; }

    public required DateTimeOffset OpenedAt { get; init; }

    public required DateTimeOffset ExpiresAt { get; init; }

    public DateTimeOffset? ApprovedAt { get; set; }

    /// <summary>Until when an approval can be used (D8).</summary>
    public DateTimeOffset? UseBy { get; set; }

    public DateTimeOffset? EndedAt { get; set; }

    /// <summary>Whether a page waits for this challenge: only then are other nodes told of its changes.</summary>
    public bool Awaited { get; set; }

    /// <summary>Why the purpose refused after approval: an error code. The code stays spent.</summary>
    public string? Refusal { get; set; }

    /// <summary>HMAC over the last response that was charged: who sends it again gets the same answer (D36).</summary>
    public byte[]? AnswerMac { get; set; }

    /// <summary>When that response was charged.</summary>
    public DateTimeOffset? AnsweredAt { get; set; }

    /// <summary>Id of the master key that <see cref="AnswerMac"/> was made with.</summary>
    public string? AnswerKeyId { get; set; }

    /// <summary>Id of what the purpose yielded, where that is no secret (D36).</summary>
    public Guid? ResultId { get; set; }

    internal sealed class Mapping : IEntityTypeConfiguration<Challenge>
    {
        public void Configure(EntityTypeBuilder<Challenge> builder)
        {
            builder.ToTable("challenges");
            builder.HasKey(c => new { c.UserId, c.Id });
            builder.Property(c => c.Purpose).HasMaxLength(32);
            builder.Property(c => c.Subject).HasMaxLength(8_000);
            builder.Property(c => c.Statement).HasMaxLength(1_000);
            builder.Property(c => c.Language).HasMaxLength(16);
            builder.Property(c => c.StatementHash).HasMaxLength(32);
            builder.Property(c => c.Prompts).HasMaxLength(16_000);
            builder.Property(c => c.OpenerHash).HasMaxLength(32);
            builder.Property(c => c.ReaderHash).HasMaxLength(32);
            builder.Property(c => c.AnswerMac).HasMaxLength(32);
            builder.Property(c => c.AnswerKeyId).HasMaxLength(16);
            builder.Property(c => c.Refusal).HasMaxLength(64);
            builder.HasIndex(c => c.ExpiresAt);

            // Whoever opens again finds what they have open, however many a stranger has opened and ended before.
            builder.HasIndex(c => new { c.UserId, c.OpenerHash }).HasFilter("state IN ('Pending', 'Prompted')");

            // What a session leaves open ends with it.
            builder.HasIndex(c => new { c.UserId, c.SessionId }).HasFilter("state IN ('Pending', 'Prompted', 'Approved')");

            // A phone finds what waits for it.
            builder.HasIndex(c => new { c.UserId, c.CredentialId }).HasFilter("state = 'Prompted'");
        }
    }
}
