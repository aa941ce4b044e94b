using Countersign.Server.Features.Messaging.Messages;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Countersign.Server.Features.Messaging.Notices;

/// <summary>What happened again after a client was told, and is told of in one message at the end of the window.</summary>
internal sealed class GatheredNotice
{
    public required Guid UserId { get; init; }

    public required Notice Notice { get; init; }

    public required MessageChannel Channel { get; init; }

    public required int Times { get; init; }

    /// <summary>When the first of them was counted.</summary>
    public required DateTimeOffset Since { get; init; }

    public required DateTimeOffset DueAt { get; init; }

    internal sealed class Mapping : IEntityTypeConfiguration<GatheredNotice>
    {
        public void Configure(EntityTypeBuilder<GatheredNotice> builder)
        {
            builder.ToTable("gathered_notices");
            builder.HasKey(g => new { g.UserId, g.Notice, g.Channel });
            builder.HasIndex(g => g.DueAt);
        }
    }
}
