namespace Countersign.Server.Features.Programs.Api;

/// <summary>Marks an endpoint that takes an <c>Idempotency-Key</c>, for the description of the API.</summary>
internal sealed class NeedsIdempotencyKey;
