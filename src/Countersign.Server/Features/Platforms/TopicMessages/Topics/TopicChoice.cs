using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Countersign.Server.Features.Platforms.TopicMessages.Topics;

/// <summary>Whether a user wants messages of a topic. Without a row the topic's own default holds.</summary>
internal sealed class TopicChoice
{
    public required Guid UserId { get; init; }

    public required string Topic { get; init; }

    public required bool Wanted { get; init; }

    public required DateTimeOffset ChosenAt { get; init; }

    internal sealed class Mapping : IEntityTypeConfiguration<TopicChoice>
    {
        public void Configure(EntityTypeBuilder<TopicChoice> builder)
        {
            builder.ToTable("topic_choices");
            builder.HasKey(c => new { c.UserId, c.Topic });
            builder.Property(c => c.Topic).HasMaxLength(TopicOptions.LongestId);
        }
    }
}
