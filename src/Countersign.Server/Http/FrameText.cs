namespace Countersign.Server.Http;

/// <summary>Anchor of the texts of the frames around every page.</summary>
internal sealed class FrameText;
