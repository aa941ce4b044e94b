using Countersign.Server.Data.Protection;
using Countersign.Server.Data.Protection.Pkcs11;
using Countersign.Server.Features.Ground.Audit;
using Microsoft.Extensions.Options;

namespace Countersign.Server.Features.Ground.Keys;

/// <summary>
/// Takes a master key out of the file: an old one, or one that has not taken over yet. What is left are the derived keys that old rows
/// need and that open nothing else. Refused while anything needs the whole key.
/// </summary>
internal sealed class RetireMasterKey(
    KeyFile file, KeyOpening opening, MasterKeys keys, KeyNeeds needs, KeyJournal journal, IOptions<KeysOptions> options,
    TimeProvider time)
{
    /// <summary>What does not name its key lives no longer: sessions, codes, receipts.</summary>
    private static readonly TimeSpan Unnamed = TimeSpan.FromDays(1);

    /// <param name="forgetBrowsers">
    /// Whether nobody shall be known by a cookie that this key closed: whoever has seen the key makes up such cookies.
    /// </param>
    /// <returns>The uses that something of the key is kept for.</returns>
    public async Task<IReadOnlyList<string>> RunAsync(string id, bool keepPasswords, bool forgetBrowsers, CancellationToken ct)
    {
        using var alone = file.Lock();
        keys.Reread();
        var lines = file.Read();
        var own = lines.Where(l => l.Id == id).ToList();
        if (own.Count == 0)
        {
            throw new StartException($"The key file has no key {id}.");
        }

        RefuseYoung(id);
        var uses = await needs.UsesLeftAsync(id, keepPasswords, ct);
        if (own.Exists(l => l.Only == KeySet.LookupUse)
            || (lines.All(l => l.Only != KeySet.LookupUse) && lines.First(l => l.Only is null).Id == id))
        {
            uses.Add(KeySet.LookupUse);
        }

        // Nobody can count cookies: what opens them stays, unless the key has never closed anything, or nothing is left that opens them.
        var hasClosed = own.Exists(l => l.Only is not null || l.From is null || l.From <= time.GetUtcNow());
        if (hasClosed && !forgetBrowsers && keys.Derive(id, Sealed.CookieUse) is not null)
        {
            uses.Add(Sealed.CookieUse);
        }

        var left = uses.Select(use => opening.Close(
            new KeyLine(id, use, own[0].Made, null, null, keys.Derive(id, use) ?? throw Lacks(id, use)), lines)).ToList();
        file.Rewrite(line => line.Id != id ? [line] : line.Only == own[0].Only ? left : []);
        await journal.WriteAsync(AuditEvents.KeyRetired, ct, ("key", id), ("left", string.Join(' ', uses)));
        return uses;
    }

    private static StartException Lacks(string id, string use) => new(
        $"Rows of the database need the key {id} for {use}, and the key file has nothing of it that serves for that. Restore an older "
            + "copy of the file.");

    private void RefuseYoung(string id)
    {
        var (now, whole) = (time.GetUtcNow(), keys.All);
        var at = whole.ToList().FindIndex(k => k.Id == id);
        if (at < 0)
        {
            return;
        }

        if (whole[at] == keys.Current)
        {
            throw new StartException($"The key {id} is the current one. Rotate first: countersign keys rotate");
        }

        if (whole[at].From > now)
        {
            // Nodes that have read it use it from then on, whether it is still in the file or not.
            if (whole[at].From < now + (2 * options.Value.Refresh))
            {
                throw new StartException(
                    $"The key {id} takes over at {KeysSlice.InWords(whole[at].From)}: too soon for every node to hear "
                        + "that it is gone. Wait for that, and rotate again.");
            }

            return;
        }

        // The one after it in the file took over from it.
        var until = whole[at + 1].From + Unnamed;
        if (whole[at + 1].From > DateTimeOffset.MinValue && until > now)
        {
            throw new StartException($"Sessions, codes and receipts that the key {id} was used for live until {KeysSlice.InWords(until)}.");
        }
    }
}
