namespace Countersign.Server.Features.Access.Freezing;

internal static class FreezingErrors
{
    public static readonly Error Unknown = new("freeze.unknown", ErrorKind.Missing);
    /// <summary>With the hour from which a device may.</summary>
    public static readonly Error NoOldDeviceYet = new("freeze.no_old_device_yet", ErrorKind.Forbidden);
    public static readonly Error DeviceTooNew = new("freeze.device_too_new", ErrorKind.Forbidden);
    /// <summary>After the right password: no device is old and strong enough to open it.</summary>
    public static readonly Error NoOldDevice = new("freeze.no_old_device", ErrorKind.Forbidden);
    public static readonly Error NotFrozen = new("freeze.not_frozen", ErrorKind.Conflict);
}
