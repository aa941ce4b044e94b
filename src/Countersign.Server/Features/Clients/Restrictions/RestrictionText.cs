namespace Countersign.Server.Features.Clients.Restrictions;

/// <summary>Anchor of the texts of restrictions, keyed by code.</summary>
internal sealed class RestrictionText;
