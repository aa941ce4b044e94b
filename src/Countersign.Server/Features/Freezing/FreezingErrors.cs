namespace Countersign.Server.Features.Freezing;

internal static class FreezingErrors
{
    public static readonly Error Unknown = new("freeze.unknown", ErrorKind.Missing);
    public static readonly Error DeviceTooNew = new("freeze.device_too_new", ErrorKind.Forbidden);
    public static readonly Error NotFrozen = new("freeze.not_frozen", ErrorKind.Conflict);
}
