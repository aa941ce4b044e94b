namespace Countersign.Server.Features.Confirming.Devices;

/// <summary>Anchor of the names of device kinds, keyed by <c>kind.id</c>.</summary>
internal sealed class DeviceText;
