using Countersign.Server.Data;
using Countersign.Server.Data.Protection;
using Countersign.Server.Features.Confirming.Challenges;
using Countersign.Server.Features.Ground.Rations;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace Countersign.Server.Features.Kinds.Passkeys.Alone;

/// <summary>A request for any passkey, as the browser is given it.</summary>
internal sealed record BegunCeremony(Guid Id, string Options);

/// <summary>A ceremony that has not ended, and what it asked.</summary>
internal sealed record LiveCeremony(PasskeyPrompt? Asked);

/// <summary>Sign-in by a passkey without a user name: asks for any passkey, and says whose answered.</summary>
internal sealed class PasskeyCeremonies(
    IWriter writer, PasskeyVerifier verifier, RelyingParty party, RowProtection protection, Rationing rationing,
    IOptions<PasskeyOptions> options, TimeProvider time)
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(5);

    /// <summary>Whether passkeys can sign in alone here at all.</summary>
    public bool Offered => options.Value.Alone && party.Id is not null;

    public async Task<Result<BegunCeremony>> BeginAsync(Opener opener, CancellationToken ct)
    {
        if (!Offered)
        {
            return PasskeyErrors.NotAlone;
        }

        var asked = await verifier.AskForAsync(owner: null);
        var id = Guid.CreateVersion7(time.GetUtcNow());
        return await writer.RunAsync<Result<BegunCeremony>>(
            async (db, token) =>
            {
                // Nobody is known yet: the source alone is counted.
                var rule = new RationRule(options.Value.AloneBegunPerHour, TimeSpan.FromHours(1));
                if (!await rationing.TakeAsync(db, Guid.Empty, "passkey-alone/" + opener.Source, rule))
                {
                    return PasskeyErrors.TooMany with { RetryAfter = rule.Window };
                }

                db.Add(new PasskeyCeremony
                {
                    Id = id,
                    OpenerHash = opener.Hash,
                    State = protection.Protect(PasskeyCeremony.StateColumn, id, id, asked.ToBytes()),
                    ExpiresAt = time.GetUtcNow() + Lifetime,
                });
                return new BegunCeremony(id, asked.Options);
            },
            ct);
    }

    /// <summary>
    /// The ceremony of this browser; null where it has ended. What was asked is null where the row no longer opens: it
    /// was changed in the database.
    /// </summary>
    public async Task<LiveCeremony?> FindAsync(CountersignDbContext db, Guid ceremony, Opener opener, CancellationToken ct) =>
        Offered && await LiveAsync(db, ceremony, opener, ct) is { } row
            ? new LiveCeremony(
                protection.Open(PasskeyCeremony.StateColumn, row.Id, row.Id, row.State) is { } state ? PasskeyPrompt.Read(state) : null)
            : null;

    /// <summary>Ends the ceremony. False when it has ended: of many answers one goes on.</summary>
    public async Task<bool> SpendAsync(CountersignDbContext db, Guid ceremony, Opener opener, CancellationToken ct) =>
        await LiveAsync(db, ceremony, opener, ct) is not null && await Own(db, ceremony, opener).ExecuteDeleteAsync(ct) == 1;

    private async Task<PasskeyCeremony?> LiveAsync(CountersignDbContext db, Guid id, Opener opener, CancellationToken ct) =>
        await Own(db, id, opener).AsNoTracking().SingleOrDefaultAsync(ct) is { } row && row.ExpiresAt > time.GetUtcNow() ? row : null;

    /// <summary>By the key alone: its end, which never changes, is looked at once it is there.</summary>
    private static IQueryable<PasskeyCeremony> Own(CountersignDbContext db, Guid id, Opener opener) =>
        db.Set<PasskeyCeremony>().Where(c => c.Id == id && c.OpenerHash == opener.Hash);
}
