using System.Globalization;
using Countersign.Server.Data;
using Countersign.Server.Data.Protection;
using Countersign.Server.Data.Protection.Pkcs11;
using Countersign.Server.Features.Audit;
using Microsoft.Extensions.Options;

namespace Countersign.Server.Features.Keys;

/// <summary>
/// Adds a master key that takes over after a while: by then every node has read it, so that none closes with it what another cannot open.
/// </summary>
internal sealed class RotateMasterKey(
    KeyFile file, KeyOpening opening, MasterKeys keys, IWriter writer, AuditTrail audit, ISecrets secrets, IOptions<KeysOptions> options, TimeProvider time)
{
    private const string Letters = "abcdefghijkmnpqrstuvwxyz23456789";
    private const int LettersInId = 4;

    public async Task<KeyLine> RunAsync(TimeSpan grace, CancellationToken ct)
    {
        var least = 2 * options.Value.Refresh;
        if (grace < least)
        {
            throw new StartException($"--grace is at least {least:c}: running nodes look at the key file each {options.Value.Refresh:c} (Keys:Refresh).");
        }

        keys.Reread();
        var now = time.GetUtcNow();
        if (keys.All.FirstOrDefault(k => k.From > now) is { } pending)
        {
            throw new StartException($"The key {pending.Id} takes over at {KeysSlice.InWords(pending.From)}. Wait for that.");
        }

        RefuseBareBesideWrapped();
        var bare = new KeyLine(NewId(now), null, now, Seconds(now + grace), null, secrets.Bytes(KeyLine.KeyLength));
        file.Append(opening.Close(bare));
        await writer.RunAsync(
            (db, _) =>
            {
                audit.Add(db, AuditEvents.KeyRotated, userId: null, KeysSlice.Source, ("key", bare.Id), ("from", KeysSlice.InWords(bare.From!.Value)));
                return Task.CompletedTask;
            },
            ct);
        return bare;
    }

    /// <summary>In a file of wrapped keys a bare one would undo what the HSM is for.</summary>
    private void RefuseBareBesideWrapped()
    {
        if (options.Value.Source == KeySource.File && file.Read().Any(l => l.Label is not null))
        {
            throw new StartException("The keys lie in an HSM. Set Keys:Source to Pkcs11 first.");
        }
    }

    /// <summary>The day, and letters: two that rotate copies of a file on the same day do not make one id of two keys.</summary>
    private string NewId(DateTimeOffset now)
    {
        var letters = string.Create(LettersInId, secrets, static (text, chance) =>
        {
            foreach (ref var letter in text)
            {
                letter = Letters[chance.Below(Letters.Length)];
            }
        });
        return now.UtcDateTime.ToString("yyyyMMdd", CultureInfo.InvariantCulture) + "-" + letters;
    }

    /// <summary>The file knows whole seconds; never earlier than was promised.</summary>
    private static DateTimeOffset Seconds(DateTimeOffset at) => DateTimeOffset.FromUnixTimeSeconds(at.ToUnixTimeSeconds() + 1);
}
