using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Countersign.Server.Features.Programs.Api;

/// <summary>
/// What a request was answered, written in the unit of work of its effect: who sends it again gets the answer and no second effect.
/// </summary>
internal sealed class IdempotencyKey
{
    public const int LongestBody = 16_000;

    public required Guid ApplicationId { get; init; }

    /// <summary>SHA-256 of the key.</summary>
    public required byte[] KeyHash { get; init; }

    /// <summary>SHA-256 of what was asked for.</summary>
    public required byte[] RequestHash { get; init; }

    public required int Status { get; init; }

    /// <summary>The answer's JSON.</summary>
    public required string Body { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    internal sealed class Mapping : IEntityTypeConfiguration<IdempotencyKey>
    {
        public void Configure(EntityTypeBuilder<IdempotencyKey> builder)
        {
            builder.ToTable("idempotency_keys");
            builder.HasKey(k => new { k.ApplicationId, k.KeyHash });
            builder.Property(k => k.KeyHash).HasMaxLength(32);
            builder.Property(k => k.RequestHash).HasMaxLength(32);
            builder.Property(k => k.Body).HasMaxLength(LongestBody);
            builder.HasIndex(k => k.CreatedAt);
        }
    }
}
