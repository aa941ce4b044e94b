using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.Extensions.Options;

namespace Countersign.Server.Data.Protection;

/// <summary>
/// Lets nodes read the key ring anew each <see cref="KeysOptions.Refresh"/>, where Data Protection by itself waits a day: a key that the
/// command line adds is known to every node before it is used. A node whose key file is not complete goes on with the ring that it has.
/// </summary>
internal sealed class SharedKeyManager(XmlKeyManager inner, IOptions<KeysOptions> options, TimeProvider time) : IKeyManager, IDisposable
{
    private volatile IReadOnlyCollection<IKey>? _read;
    private CancellationTokenSource? _due;
    private CancellationTokenSource? _either;

    public IKey CreateNewKey(DateTimeOffset activationDate, DateTimeOffset expirationDate) =>
        inner.CreateNewKey(activationDate, expirationDate);

    public IReadOnlyCollection<IKey> GetAllKeys()
    {
        try
        {
            return _read = inner.GetAllKeys();
        }
        catch (MasterKeyMissingException) when (_read is { } before)
        {
            return before;
        }
    }

    public void RevokeKey(Guid keyId, string? reason = null) => inner.RevokeKey(keyId, reason);

    public void RevokeAllKeys(DateTimeOffset revocationDate, string? reason = null) => inner.RevokeAllKeys(revocationDate, reason);

    public CancellationToken GetCacheExpirationToken()
    {
        var due = new CancellationTokenSource(options.Value.Refresh, time);
        var either = CancellationTokenSource.CreateLinkedTokenSource(inner.GetCacheExpirationToken(), due.Token);
        Interlocked.Exchange(ref _due, due)?.Dispose();
        Interlocked.Exchange(ref _either, either)?.Dispose();
        return either.Token;
    }

    public void Dispose()
    {
        _due?.Dispose();
        _either?.Dispose();
    }
}
