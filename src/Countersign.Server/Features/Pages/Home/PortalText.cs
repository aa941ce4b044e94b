namespace Countersign.Server.Features.Pages.Home;

/// <summary>Anchor of the texts of the home page.</summary>
internal sealed class PortalText;
