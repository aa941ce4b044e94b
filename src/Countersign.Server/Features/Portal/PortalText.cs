namespace Countersign.Server.Features.Portal;

/// <summary>Anchor of the texts of the home page.</summary>
internal sealed class PortalText;
