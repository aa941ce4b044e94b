using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Countersign.Server.Features.Confirming.Challenges;

/// <summary>Where a challenge stands. See the state diagram in <c>docs/challenges.md</c>.</summary>
internal enum ChallengeState
{
    Pending,
    Prompted,
    Approved,
    Used,
    Failed,
    Denied,
    Expired,
    Cancelled,
}

/// <summary>A request to one user for one proof, bound to a purpose and to the exact text that the person sees.</summary>
internal sealed class Challenge
{
    public const string SubjectColumn = "challenges.subject";
    public const string PromptsColumn = "challenges.prompts";

    public required Guid UserId { get; init; }

    public required Guid Id { get; init; }

    public required string Purpose { get; init; }

    /// <summary>Protected JSON that only the purpose understands.</summary>
    public required byte[] Subject { get; init; }

    /// <summary>What the person was told, word for word.</summary>
    public required string Statement { get; init; }

    public required string Language { get; init; }

    /// <summary>SHA-256 over purpose, language, text and details; see <c>StatementBytes</c>.</summary>
    public required byte[] StatementHash { get; init; }

    public required ChallengeState State { get; set; }

    /// <summary>Counts the choices of a device: an answer to an earlier prompt is void.</summary>
    public int PromptNo { get; set; }

    public Guid? DeviceId { get; set; }

    /// <summary>Protected: each chosen device's prompt, so that coming back to a device yields the same one.</summary>
    public byte[]? Prompts { get; set; }

    /// <summary>Guards <see cref="Prompts"/> against two writers.</summary>
    public int Version { get; set; }

    public int Tries { get; set; }

    public required int TriesAllowed { get; init; }

    /// <summary>SHA-256 of the secret that only the opener has (D8).</summary>
    public required byte[] OpenerHash { get; init; }

    public required DateTimeOffset OpenedAt { get; init; }

    public required DateTimeOffset ExpiresAt { get; init; }

    public DateTimeOffset? ApprovedAt { get; set; }

    public DateTimeOffset? EndedAt { get; set; }

    /// <summary>Whether a page waits for this challenge: only then are other nodes told of its changes.</summary>
    public bool Awaited { get; set; }

    /// <summary>Why the purpose refused after approval: an error code. The code stays spent.</summary>
    public string? Refusal { get; set; }

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
            builder.Property(c => c.Refusal).HasMaxLength(64);
            builder.HasIndex(c => c.ExpiresAt);
        }
    }
}
