using Countersign.Server.Data.Protection;
using Countersign.Server.Features.Ground.Audit;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.Extensions.Options;

namespace Countersign.Server.Features.Ground.Keys;

/// <summary>
/// Adds a key to the ring that encrypts form tokens and operators' cookies, sooner than the ninety days after which it gets one by itself.
/// </summary>
internal sealed class RotateKeyRing(
    IKeyManager ring, IOptions<KeyManagementOptions> management, IOptions<KeysOptions> options, KeyJournal journal, TimeProvider time)
{
    /// <summary>Data Protection takes a key up as much earlier as clocks may differ.</summary>
    private static readonly TimeSpan Skew = TimeSpan.FromMinutes(5);

    /// <summary>In which every node reads the ring and takes up what it read, and once more if it could not.</summary>
    private const int Intervals = 4;

    /// <summary>From when on the new key encrypts.</summary>
    public async Task<DateTimeOffset> RunAsync(CancellationToken ct)
    {
        var ready = time.GetUtcNow() + (Intervals * options.Value.Refresh);
        var key = ring.CreateNewKey(ready + Skew, ready + Skew + management.Value.NewKeyLifetime);
        await journal.WriteAsync(AuditEvents.KeyRingRotated, ct, ("key", key.KeyId));
        return ready + Skew;
    }
}
