using Countersign.Server.Data.Protection;

namespace Countersign.Server.Features.Confirming.Devices;

/// <summary>
/// Closes and opens what a device's row holds. The row of a thing holds which thing it is: a row that was pointed to another one, or
/// to none, does not open (D28).
/// </summary>
internal static class DeviceStates
{
    public static byte[] Close(this RowProtection protection, Guid userId, Guid deviceId, byte[] state, Guid? physicalId) => physicalId is { } thing
        ? protection.Protect(Device.PhysicalIdColumn, userId, deviceId, thing.ToByteArray())
        : protection.Protect(Device.StateColumn, userId, deviceId, state);

    /// <summary>The kind's own state; null when it does not open.</summary>
    public static byte[]? Open(this RowProtection protection, Device device, PhysicalDevice? physical) =>
        device.PhysicalId is null ? protection.Open(Device.StateColumn, device.UserId, device.Id, device.State)
        : physical is not null && protection.Open(Device.PhysicalIdColumn, device.UserId, device.Id, device.State) is { } thing && thing.AsSpan().SequenceEqual(physical.Id.ToByteArray())
            ? protection.Open(PhysicalDevice.StateColumn, physical.Id, physical.Id, physical.State)
        : null;
}
