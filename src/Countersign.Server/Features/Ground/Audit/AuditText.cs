namespace Countersign.Server.Features.Ground.Audit;

/// <summary>Anchor of the sentences that say what an audit event was, keyed by its name.</summary>
internal sealed class AuditText;
