using Countersign.Server.Data;
using Countersign.Server.Features.Confirming.Challenges;
using Countersign.Server.Features.Confirming.Devices;

namespace Countersign.Server.Features.Kinds.Passkeys.Alone;

/// <summary>What came of looking at a passkey that wants to sign in alone.</summary>
/// <param name="UserId">Whose it said it was, where there is such a passkey.</param>
/// <param name="Refusal">Null when it may.</param>
/// <param name="Reason">For the audit: the person is not told which.</param>
internal sealed record LookedAtAlone(Guid? UserId, Error? Refusal, string? Reason, AlonePasskey? Right)
{
    public static LookedAtAlone Refused(string reason, Guid? userId = null, Error? error = null) =>
        new(userId, error ?? PasskeyErrors.NotAlone, reason, null);
}

/// <summary>A passkey that was right and may sign in alone.</summary>
/// <param name="Credential">As it was looked at.</param>
internal sealed record AlonePasskey(DeviceView Device, CredentialView Credential, Prompt Prompt, Verdict.Accepted Verdict);

/// <summary>Looks at a passkey that answers without a user name. Reads only: the ceremony ends elsewhere, whatever came of it.</summary>
internal sealed class LookAtPasskey(Contexts contexts, PasskeyCeremonies ceremonies, PasskeyKind kind, HeldPasskeys held)
{
    public async Task<LookedAtAlone> RunAsync(Guid ceremony, Opener opener, string response, CancellationToken ct)
    {
        await using var db = contexts.Read();
        if (await ceremonies.FindAsync(db, ceremony, opener, ct) is not { } live)
        {
            return LookedAtAlone.Refused("ceremony");
        }

        if (!PasskeyResponse.TryReadUse(response, out var read) || !Guid.TryParseExact(read.UserHandle, "N", out var userId))
        {
            return LookedAtAlone.Refused("unreadable");
        }

        var found = (await held.OfAsync(db, userId, ct))
            .FirstOrDefault(h => h.Device.Status == DeviceStatus.Active && h.Passkey.Id.AsSpan().SequenceEqual(read.CredentialId));
        if (found is null)
        {
            return LookedAtAlone.Refused("unknown");
        }

        if (live.Asked is not { } asked)
        {
            return LookedAtAlone.Refused("changed", userId);
        }

        return await kind.CheckUseAsync(found.Credential, asked, response) switch
        {
            _ when !found.Passkey.Alone => LookedAtAlone.Refused("off", userId),
            Verdict.Accepted accepted => new LookedAtAlone(
                userId, null, null, new AlonePasskey(found.Device, found.Credential.Facts, new Prompt(asked.ToBytes()), accepted)),
            Verdict.Malformed malformed => LookedAtAlone.Refused("user_verification", userId, malformed.Error),
            Verdict.Wrong wrong => LookedAtAlone.Refused(wrong.Reason ?? "wrong", userId),
            _ => throw new System.Diagnostics.UnreachableException(),
        };
    }
}
