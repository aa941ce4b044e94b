using Countersign.Server.Data;
using Countersign.Server.Features.Confirming.Devices.Tiers;
using Countersign.Server.Features.Ground.Jurisdictions;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace Countersign.Server.Features.Confirming.Devices;

/// <summary>What the installation's settings and a device's own kind say of it.</summary>
internal sealed class DevicePolicy(KindCatalog kinds, CredentialVault vault, DeviceTiers tiers, IOptions<DeviceOptions> options)
{
    /// <summary>Name of the tier that the device has once it is trusted, as what it said of itself decides.</summary>
    public async Task<string> OwnTierAsync(CountersignDbContext db, Device device, CancellationToken ct)
    {
        var (owner, id) = device.Credential;
        var row = await db.Set<Credential>().AsNoTracking().SingleAsync(c => c.OwnerId == owner && c.Id == id, ct);
        return kinds.Find(device.Kind) is { } kind && vault.Open(row, device) is { } credential ? kind.TierOf(credential) : device.Kind;
    }

    /// <summary>When a device that becomes active now is trusted: unlimited ones take longer (B12).</summary>
    public DateTimeOffset TrustedAt(string tier, Regime regime) => tiers.TrustedAt(tier, regime);

    /// <summary>Kinds of devices that end when one of this kind becomes active, by policy (S8).</summary>
    public IReadOnlyList<string> EndedBy(string kind) => kinds.Find(kind)?.Traits.Permanent == true ? options.Value.EndedKinds() : [];

    /// <summary>Whether what answers outlives the device: an address does.</summary>
    public bool Outlives(string kind) => kinds.Find(kind)?.Traits.IsAddress == true;
}
