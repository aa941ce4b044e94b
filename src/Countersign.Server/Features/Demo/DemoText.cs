namespace Countersign.Server.Features.Demo;

/// <summary>Anchor of the texts of the demo pages.</summary>
internal sealed class DemoText;
