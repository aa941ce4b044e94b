using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.Options;

namespace Countersign.Server.Data.Protection;

/// <summary>
/// Reads the key ring also on a node that has nothing to do. Data Protection reads an outdated ring beside the request that finds it so,
/// and answers that one from the old ring: an idle node would not open what the others close with a newer key.
/// </summary>
internal sealed class KeyRingRefresh(IDataProtectionProvider provider, IOptions<KeysOptions> options)
{
    /// <summary>Twice in each interval: one turn begins to read, and the next takes up what was read.</summary>
    public TimeSpan Every => options.Value.Refresh / 2;

    /// <summary>Where it fails, the ring that was read before stays in use.</summary>
    public Task<int> RunOnceAsync(CancellationToken ct)
    {
        provider.CreateProtector("warm").Protect([]);
        return Task.FromResult(0);
    }
}
