using Countersign.Server.Data;
using Countersign.Server.Features.Confirming.Devices;
using Microsoft.EntityFrameworkCore;

namespace Countersign.Server.Features.Kinds.Passkeys;

/// <summary>A passkey of a user: the device, what answers, and what the server keeps of it.</summary>
internal sealed record HeldPasskey(DeviceView Device, OpenedCredential Credential, PasskeyCredential Passkey);

/// <summary>Reads the passkeys that a user has.</summary>
internal sealed class HeldPasskeys(CredentialVault vault)
{
    /// <summary>Active and suspended ones: a passkey that was lost or removed may be made anew.</summary>
    public async Task<IReadOnlyList<HeldPasskey>> OfAsync(CountersignDbContext db, Guid userId, CancellationToken ct)
    {
        var rows = await DeviceViews.RowsOf(db, userId)
            .Where(r => r.Device.Kind == PasskeyKind.KindId
                && (r.Device.Status == DeviceStatus.Active || r.Device.Status == DeviceStatus.Suspended))
            .ToListAsync(ct);
        return [.. from row in rows
                   let credential = vault.Open(row.Credential, row.Device)
                   where credential is not null
                   let passkey = PasskeyCredential.Read(credential.State)
                   where passkey is not null
                   select new HeldPasskey(DeviceView.Of(row.Device, row.Credential), credential, passkey)];
    }

    /// <summary>One of them, while it is active.</summary>
    public async Task<HeldPasskey?> FindActiveAsync(CountersignDbContext db, Guid userId, Guid deviceId, CancellationToken ct) =>
        (await OfAsync(db, userId, ct)).SingleOrDefault(h => h.Device.Id == deviceId && h.Device.Status == DeviceStatus.Active);

    /// <summary>The user with all of them.</summary>
    public async Task<PasskeyOwner> OwnerAsync(CountersignDbContext db, Guid userId, CancellationToken ct) =>
        new(PasskeyOwner.HandleOf(userId), [.. (await OfAsync(db, userId, ct)).Select(h => h.Passkey)]);
}

/// <summary>What a page may say of a passkey: nothing in it is secret.</summary>
internal sealed record PasskeyFact(string Label, PasskeyCredential Passkey);

/// <summary>Reads passkeys for pages.</summary>
internal sealed class PasskeyFacts(Contexts contexts, HeldPasskeys held)
{
    /// <summary>Null where it is not active, or does not open.</summary>
    public async Task<PasskeyFact?> FindAsync(Guid userId, Guid deviceId, CancellationToken ct)
    {
        await using var db = contexts.Read();
        return await held.FindActiveAsync(db, userId, deviceId, ct) is { } found
            ? new PasskeyFact(found.Device.Label, found.Passkey)
            : null;
    }
}
