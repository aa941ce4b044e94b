using System.Globalization;
using Countersign.Server.Data.Protection;
using Countersign.Server.Data.Protection.Pkcs11;
using Countersign.Server.Features.Ground.Audit;
using Microsoft.Extensions.Options;

namespace Countersign.Server.Features.Ground.Keys;

/// <summary>
/// Adds a master key that takes over after a while: by then every node has read it, so that none closes with it what another cannot open.
/// </summary>
internal sealed class RotateMasterKey(
    KeyFile file, KeyOpening opening, MasterKeys keys, KeyJournal journal, ISecrets secrets, IOptions<KeysOptions> options,
    TimeProvider time)
{
    private const string Letters = "abcdefghijkmnpqrstuvwxyz23456789";
    private const int LettersInId = 4;

    /// <summary>A key that is to be changed is not to close things for longer; and a number alone is read as days.</summary>
    private static readonly TimeSpan LongestGrace = TimeSpan.FromDays(7);

    public async Task<KeyLine> RunAsync(TimeSpan grace, CancellationToken ct)
    {
        var least = 2 * options.Value.Refresh;
        if (grace < least)
        {
            throw new StartException(
                $"--grace is at least {least:c}: running nodes look at the key file each {options.Value.Refresh:c} (Keys:Refresh).");
        }

        if (grace > LongestGrace)
        {
            throw new StartException($"--grace is at most {LongestGrace.Days} days. 24 means 24 days: a day is 1 or 24:00:00.");
        }

        using var alone = file.Lock();
        keys.Reread();
        var now = time.GetUtcNow();
        if (keys.All.FirstOrDefault(k => k.From > now) is { } pending)
        {
            throw new StartException(
                $"The key {pending.Id} takes over at {KeysSlice.InWords(pending.From)}. Wait for that, or take it "
                    + $"back: countersign keys retire {pending.Id}");
        }

        var bare = new KeyLine(NewId(now), null, now, Seconds(now + grace), null, secrets.Bytes(KeyLine.KeyLength));
        file.Append(opening.Close(bare, file.Read()));
        await journal.WriteAsync(AuditEvents.KeyRotated, ct, ("key", bare.Id), ("from", KeysSlice.InWords(bare.From!.Value)));
        return bare;
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
