namespace Countersign.Server.Features.Platforms.TopicMessages.Topics;

/// <summary>Anchor of the texts of topics and of the page where clients choose them.</summary>
internal sealed class TopicText;
