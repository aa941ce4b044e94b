namespace Countersign.Server.Features.Restrictions;

/// <summary>Anchor of the texts of restrictions, keyed by code.</summary>
internal sealed class RestrictionText;
