namespace Countersign.Server.Features.Confirming.Devices;

/// <summary>A device as purposes and pages see it: nothing in it is secret.</summary>
/// <param name="Tier">Name of its own tier, which it has from <paramref name="TrustedAt"/> on.</param>
/// <param name="Reach">The tier that it does not exceed before (D2); null where nothing limits it.</param>
/// <param name="ReachStrength">The strength that it does not exceed before; null where nothing limits it.</param>
/// <param name="ProvedAt">When the address behind it was last shown to be the person's; null for what is no address.</param>
/// <param name="WaitsUntil">Until when one that waits can be activated; null where it waits for ever.</param>
/// <param name="EndedAt">When it stopped being active.</param>
/// <param name="MostTries">Wrong responses in a row, from browsers of the sort that has made more of them.</param>
internal sealed record DeviceView(
    Guid UserId,
    Guid Id,
    CredentialKey Credential,
    string Kind,
    string Serial,
    string Label,
    DeviceStatus Status,
    string Tier,
    string? Reach,
    int? ReachStrength,
    DateTimeOffset CreatedAt, DateTimeOffset? ActivatedAt, DateTimeOffset? TrustedAt, DateTimeOffset? LastUsedAt, DateTimeOffset? ProvedAt,
    DateTimeOffset? WaitsUntil, DateTimeOffset? EndedAt, bool Preferred, int MostTries)
{
    public static DeviceView Of(Device device, Credential credential) => new(
        device.UserId, device.Id, device.Credential, device.Kind, credential.Serial, device.Label, device.Status, device.Tier,
        device.Reach,
        device.ReachStrength,
        device.CreatedAt,
        device.ActivatedAt,
        device.TrustedAt,
        credential.LastUsedAt,
        credential.ProvedAt,
        device.WaitsUntil,
        device.EndedAt,
        device.Preferred,
        Math.Max(credential.TriesKnown, credential.TriesUnknown));
}
