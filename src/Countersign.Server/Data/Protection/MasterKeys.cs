using System.Collections.Concurrent;
using Countersign.Server.Data.Protection.Pkcs11;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;

namespace Countersign.Server.Data.Protection;

/// <summary>
/// The keys that live outside the database, one a line in a file. The last one whose time has come closes new things; all still open
/// what they closed. The file is looked at again now and then, and whenever a key is asked for that is not in it: nodes take up a
/// rotation while they run.
/// </summary>
internal sealed partial class MasterKeys(
    KeyFile file, KeyOpening opening, IOptions<KeysOptions> options, ISecrets secrets, TimeProvider time,
    ILogger<MasterKeys> logger) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly ConcurrentDictionary<string, bool> _logged = new(StringComparer.Ordinal);
    private KeySet? _set;
    private (DateTime, long) _stamp;
    private (DateTime, long) _failed;
    private long _lookedAt;
    private CancellationTokenSource _changed = new();

    /// <summary>The key that closes new things. Take its id and what is derived from the same one.</summary>
    public MasterKey Current => Keys().Current(time.GetUtcNow());

    /// <summary>One that has not taken over yet; null where there is none.</summary>
    public MasterKey? Pending => Keys().All.FirstOrDefault(k => k.From > time.GetUtcNow());

    /// <summary>Every key that lies in the file.</summary>
    public IReadOnlyList<MasterKey> All => Keys().All;

    /// <summary>Fires when there are other keys than before.</summary>
    public IChangeToken Changed => new CancellationChangeToken(_changed.Token);

    /// <summary>
    /// A key for one use of the master key <paramref name="id"/>, which stands beside the value; null when the file does not hold
    /// it.
    /// </summary>
    public byte[]? Derive(string id, string use)
    {
        var key = Keys().Derive(id, use);
        if (key is null)
        {
            Look(always: true);
            key = _set!.Derive(id, use);
        }

        return key;
    }

    /// <summary>The same without looking at the file again: for an id that whoever asks may have made up.</summary>
    public byte[]? Find(string id, string use) => Keys().Derive(id, use);

    /// <summary>
    /// As <see cref="Derive"/>, for what cannot go on without the key. That the file lacks it is logged, once until the file
    /// changes.
    /// </summary>
    /// <exception cref="MasterKeyMissingException">The file does not hold it.</exception>
    public byte[] Need(string id, string use)
    {
        if (Derive(id, use) is { } key)
        {
            return key;
        }

        if (_logged.TryAdd(id, true))
        {
            LogMissing(id);
        }

        throw new MasterKeyMissingException(id);
    }

    /// <summary>
    /// Keys for one use, the one that closes new things first: for values that live a day at most and do not name the key that they
    /// were made with.
    /// </summary>
    public IEnumerable<byte[]> DeriveAll(string use)
    {
        var current = Current;
        return All.Where(k => k != current).Reverse().Prepend(current).Select(k => k.Derive(use));
    }

    /// <summary>
    /// A key that no rotation changes: for keyed hashes that something is found by, such as counts. Never for what must be kept
    /// from forgery.
    /// </summary>
    public byte[] Lookup(string use) => Keys().Lookup(use);

    /// <summary>Takes up now what changed in the file, for a command that goes by it.</summary>
    public void Reread()
    {
        _ = Keys();
        Look(always: true);
    }

    /// <summary>Makes a key file for a new database, unless one lies there already.</summary>
    public void CreateIfMissing()
    {
        if (!file.Exists)
        {
            file.Create(opening.Close(new KeyLine("1", null, time.GetUtcNow(), null, null, secrets.Bytes(KeyLine.KeyLength)), beside: []));
        }
    }

    public void Dispose() => _changed.Dispose();

    /// <summary>Read when first used: the commands first look whether they fit the database.</summary>
    private KeySet Keys()
    {
        if (Volatile.Read(ref _set) is null)
        {
            lock (_gate)
            {
                if (_set is null)
                {
                    _stamp = file.Stamp;
                    _lookedAt = time.GetTimestamp();
                    Volatile.Write(ref _set, opening.Open(file.Read()));
                }
            }
        }
        else if (IsDue)
        {
            Look(always: false);
        }

        return _set!;
    }

    private bool IsDue => time.GetElapsedTime(Volatile.Read(ref _lookedAt)) >= options.Value.Refresh;

    /// <summary>Takes up what changed. A file that cannot be read now, or an HSM that is away, takes nothing from a running node.</summary>
    private void Look(bool always)
    {
        lock (_gate)
        {
            var (due, stamp) = (IsDue, file.Stamp);
            if (due)
            {
                // Only then: whoever asks for keys that nobody has would keep a file that could not be read from being tried again.
                Volatile.Write(ref _lookedAt, time.GetTimestamp());
            }

            if (stamp == _stamp || (!due && (!always || stamp == _failed)))
            {
                return;
            }

            try
            {
                Volatile.Write(ref _set, opening.Open(file.Read()));
                _stamp = stamp;
            }
            catch (Exception e) when (e is StartException or IOException)
            {
                // Not tried again before the next look: an HSM is not to be asked at each request.
                _failed = stamp;
                LogUnread(e.Message);
                return;
            }
        }

        _logged.Clear();
        LogRead(_set!.All.Count);
        using var before = Interlocked.Exchange(ref _changed, new CancellationTokenSource());
        before.Cancel();
    }

    [LoggerMessage(12000, LogLevel.Information, "The key file changed and was read again: {Count} keys.")]
    private partial void LogRead(int count);

    [LoggerMessage(12001, LogLevel.Error, "The database names the master key {KeyId}, which the key file lacks.")]
    private partial void LogMissing(string keyId);

    [LoggerMessage(
        12002, LogLevel.Error, "The key file changed and could not be read; the keys that were read before stay in use. {Reason}")]
    private partial void LogUnread(string reason);
}

/// <summary>Something needs a master key that this node does not have: it is refused until the key file is complete.</summary>
internal sealed class MasterKeyMissingException(string id) : Exception($"The key file lacks the master key {id}.");
