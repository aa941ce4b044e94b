namespace Countersign.Server.Features.Programs.Api;

internal static class IdempotencyErrors
{
    public static readonly Error KeyMissing = new("idempotency.key_missing", ErrorKind.Invalid);
    public static readonly Error OtherRequest = new("idempotency.other_request", ErrorKind.Invalid);
}
