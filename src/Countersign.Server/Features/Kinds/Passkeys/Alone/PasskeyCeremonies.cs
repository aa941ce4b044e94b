using Countersign.Server.Data;
using Countersign.Server.Data.Protection;
using Countersign.Server.Features.Confirming.Challenges;
using Countersign.Server.Features.Confirming.Devices;
using Countersign.Server.Features.Ground.Rations;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace Countersign.Server.Features.Kinds.Passkeys.Alone;

/// <summary>A request for any passkey, as the browser is given it.</summary>
internal sealed record BegunCeremony(Guid Id, string Options);

/// <summary>What came of looking at a passkey that wants to sign in alone.</summary>
/// <param name="UserId">Whose it said it was, where there is such a passkey.</param>
/// <param name="Refusal">Null when it may.</param>
/// <param name="Reason">For the audit: the person is not told which.</param>
internal sealed record LookedAtAlone(Guid? UserId, Error? Refusal, string? Reason, AlonePasskey? Right)
{
    public static LookedAtAlone Refused(string reason, Guid? userId = null, Error? error = null) => new(userId, error ?? PasskeyErrors.NotAlone, reason, null);
}

/// <summary>A passkey that was right and may sign in alone.</summary>
internal sealed record AlonePasskey(DeviceView Device, Prompt Prompt, Verdict.Accepted Verdict);

/// <summary>Sign-in by a passkey without a user name: asks for any passkey, and says whose answered.</summary>
internal sealed class PasskeyCeremonies(
    Contexts contexts, IWriter writer, PasskeyVerifier verifier, PasskeyKind kind, HeldPasskeys held, RelyingParty party, RowProtection protection, Rationing rationing, IOptions<PasskeyOptions> options, TimeProvider time)
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
                if (!await rationing.TakeAsync(db, Guid.Empty, "passkey-alone/" + opener.Source, rule, token))
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

    /// <summary>Looks at an answer. Reads only: <see cref="SpendAsync"/> ends the ceremony, whatever came of it.</summary>
    public async Task<LookedAtAlone> LookAsync(Guid ceremony, Opener opener, string response, CancellationToken ct)
    {
        await using var db = contexts.Read();
        if (!Offered || await Live(db, ceremony, opener).SingleOrDefaultAsync(ct) is not { } row)
        {
            return LookedAtAlone.Refused("ceremony");
        }

        if (!PasskeyResponse.TryReadUse(response, out var read) || !Guid.TryParseExact(read.UserHandle, "N", out var userId))
        {
            return LookedAtAlone.Refused("unreadable");
        }

        var (device, passkey) = (await held.OfAsync(db, userId, ct)).FirstOrDefault(h => h.Device.Status == DeviceStatus.Active && h.Passkey.Id.AsSpan().SequenceEqual(read.CredentialId));
        if (passkey is null)
        {
            return LookedAtAlone.Refused("unknown");
        }

        if (protection.Open(PasskeyCeremony.StateColumn, row.Id, row.Id, row.State) is not { } state)
        {
            return LookedAtAlone.Refused("changed", userId);
        }

        return await kind.CheckUseAsync(device, PasskeyPrompt.Read(state), response) switch
        {
            _ when !passkey.Alone => LookedAtAlone.Refused("off", userId),
            Verdict.Accepted accepted => new LookedAtAlone(userId, null, null, new AlonePasskey(device, new Prompt(state), accepted)),
            Verdict.Malformed malformed => LookedAtAlone.Refused("user_verification", userId, malformed.Error),
            Verdict.Wrong wrong => LookedAtAlone.Refused(wrong.Reason ?? "wrong", userId),
            _ => throw new System.Diagnostics.UnreachableException(),
        };
    }

    /// <summary>Ends the ceremony. False when it has ended: of many answers one goes on.</summary>
    public async Task<bool> SpendAsync(CountersignDbContext db, Guid ceremony, Opener opener, CancellationToken ct) => await Live(db, ceremony, opener).ExecuteDeleteAsync(ct) == 1;

    private IQueryable<PasskeyCeremony> Live(CountersignDbContext db, Guid id, Opener opener)
    {
        var now = time.GetUtcNow();
        return db.Set<PasskeyCeremony>().Where(c => c.Id == id && c.OpenerHash == opener.Hash && c.ExpiresAt > now);
    }
}
