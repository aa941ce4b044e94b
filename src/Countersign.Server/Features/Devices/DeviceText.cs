namespace Countersign.Server.Features.Devices;

/// <summary>Anchor of the names of device kinds, keyed by <c>kind.id</c>.</summary>
internal sealed class DeviceText;
