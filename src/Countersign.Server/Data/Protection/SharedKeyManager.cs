using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.Extensions.Options;

namespace Countersign.Server.Data.Protection;

/// <summary>
/// Lets nodes read the key ring anew each <see cref="KeysOptions.Refresh"/>, where Data Protection by itself waits a day: a key that the
/// command line adds is known to every node before it is used.
/// </summary>
internal sealed class SharedKeyManager(XmlKeyManager inner, IOptions<KeysOptions> options) : IKeyManager, IDisposable
{
    private CancellationTokenSource? _read;

    public IKey CreateNewKey(DateTimeOffset activationDate, DateTimeOffset expirationDate) => inner.CreateNewKey(activationDate, expirationDate);

    public IReadOnlyCollection<IKey> GetAllKeys() => inner.GetAllKeys();

    public void RevokeKey(Guid keyId, string? reason = null) => inner.RevokeKey(keyId, reason);

    public void RevokeAllKeys(DateTimeOffset revocationDate, string? reason = null) => inner.RevokeAllKeys(revocationDate, reason);

    public CancellationToken GetCacheExpirationToken()
    {
        var next = CancellationTokenSource.CreateLinkedTokenSource(inner.GetCacheExpirationToken());
        next.CancelAfter(options.Value.Refresh);
        Interlocked.Exchange(ref _read, next)?.Dispose();
        return next.Token;
    }

    public void Dispose() => _read?.Dispose();
}
