namespace Countersign.Server.Features.Notices.Topics;

/// <summary>Anchor of the texts of topics and of the page where clients choose them.</summary>
internal sealed class TopicText;
