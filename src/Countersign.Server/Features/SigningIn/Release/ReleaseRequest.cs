using Countersign.Server.Features.Ground.Audit;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Countersign.Server.Features.SigningIn.Release;

/// <summary>One operator's word that a user is to be released. It takes another one's as well.</summary>
internal sealed class ReleaseRequest
{
    public required Guid UserId { get; init; }

    /// <summary>Name of the operator.</summary>
    public required string Operator { get; init; }

    public required DateTimeOffset At { get; init; }

    internal sealed class Mapping : IEntityTypeConfiguration<ReleaseRequest>
    {
        public void Configure(EntityTypeBuilder<ReleaseRequest> builder)
        {
            builder.ToTable("release_requests");
            builder.HasKey(r => new { r.UserId, r.Operator });
            builder.Property(r => r.Operator).HasMaxLength(Actor.MaximumLength);
            builder.HasIndex(r => r.At);
        }
    }
}
