using Countersign.Server.Data.Protection;

namespace Countersign.Server.Features.Confirming.Devices;

/// <summary>Closes and opens what credentials hold. One whose state does not open, such as another row's, answers nothing (D28).</summary>
internal sealed class CredentialVault(RowProtection protection)
{
    public byte[] Close(CredentialKey key, byte[] state) => protection.Protect(Credential.StateColumn, key.Owner, key.Id, state);

    /// <summary>Null: it does not open.</summary>
    public OpenedCredential? Open(Credential row) =>
        protection.Open(Credential.StateColumn, row.OwnerId, row.Id, row.State) is { } state
            ? new OpenedCredential(Look(row), state) { LastUsedAt = row.LastUsedAt }
            : null;

    /// <summary>Null as well where the device was pointed to a credential that is not its own.</summary>
    public OpenedCredential? Open(Credential row, Device device) => Holds(device, row) ? Open(row) : null;

    public static CredentialView Look(Credential row) => new(row.Key, row.Kind, row.Serial, row.Status, row.Version, row.Position);

    /// <summary>
    /// What a device's row keeps of the credential that it stands for; null where the owner is the user, which the credential's own
    /// seal shows.
    /// </summary>
    public byte[]? Bind(Guid userId, Guid deviceId, CredentialKey key) =>
        key.Owner == userId
            ? null
            : protection.Protect(Device.HoldColumn, userId, deviceId, [.. key.Owner.ToByteArray(), .. key.Id.ToByteArray()]);

    private bool Holds(Device device, Credential row) =>
        device.Credential == row.Key && device.Kind == row.Kind
        && (row.OwnerId == device.UserId
            || (device.Hold is { } hold && protection.Open(Device.HoldColumn, device.UserId, device.Id, hold) is { } bound
                && bound.AsSpan().SequenceEqual([.. row.OwnerId.ToByteArray(), .. row.Id.ToByteArray()])));
}
