namespace Countersign.Server.Features.Pages.Demo;

/// <summary>Anchor of the texts of the demo pages.</summary>
internal sealed class DemoText;
