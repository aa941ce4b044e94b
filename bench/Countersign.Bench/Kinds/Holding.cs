using Countersign.Server.Features.Confirming.Devices;

namespace Countersign.Bench.Kinds;

/// <summary>Gives a user an active, trusted device and what answers for it.</summary>
internal static class Holding
{
    /// <summary>The credential of the user's device of a kind.</summary>
    public static CredentialKey KeyOf(BenchUser user, string kind) => new(user.Id, user.DeviceOf(kind + "-credential"));

    public static void AddDevice(
        this Filling filling, CredentialVault vault, BenchUser user, string kind, string serial, byte[] state, DateTimeOffset now)
    {
        var key = KeyOf(user, kind);
        filling.Add(new Credential
        {
            OwnerId = key.Owner,
            Id = key.Id,
            Kind = kind,
            Serial = serial,
            Status = CredentialStatus.Held,
            State = vault.Close(key, state),
            CreatedAt = now,
        });
        filling.Add(new Device
        {
            UserId = user.Id,
            Id = user.DeviceOf(kind),
            Kind = kind,
            CredentialOwner = key.Owner,
            CredentialId = key.Id,
            Label = kind,
            Status = DeviceStatus.Active,
            Tier = kind,
            CreatedAt = now,
            ActivatedAt = now,
            TrustedAt = now,
        });
    }
}
