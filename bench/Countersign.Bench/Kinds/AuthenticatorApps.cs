using System.Security.Cryptography;
using Countersign.Protocol.Oath;
using Countersign.Server.Data;
using Countersign.Server.Data.Protection;
using Countersign.Server.Features.Confirming.Challenges;
using Countersign.Server.Features.Confirming.Devices;
using Countersign.Server.Features.Kinds.AuthenticatorApps;
using Microsoft.EntityFrameworkCore;

namespace Countersign.Bench.Kinds;

/// <summary>Codes of the present time step. The key follows from the user, so that none has to be remembered.</summary>
internal sealed class AuthenticatorApps(RowProtection protection, TimeProvider time) : IBenchKind
{
    public string Id => AuthenticatorAppKind.KindId;

    public bool Keeps => false;

    public void Add(CountersignDbContext db, BenchUser user, DateTimeOffset now) => db.Add(new Device
    {
        UserId = user.Id,
        Id = user.DeviceOf(Id),
        Kind = Id,
        Serial = user.DeviceOf(Id).ToString("N"),
        Label = "Phone",
        Status = DeviceStatus.Active,
        State = protection.Protect(Device.StateColumn, user.Id, user.DeviceOf(Id), new AppKey(Key(user), OathHash.Sha1, 6).ToBytes()),
        CreatedAt = now,
        ActivatedAt = now,
        TrustedAt = now,
    });

    public async Task FreshenAsync(CountersignDbContext db, CancellationToken ct) =>
        await db.Set<Device>().Where(d => d.Kind == AuthenticatorAppKind.KindId && d.Position > 0).ExecuteUpdateAsync(
            set => set.SetProperty(d => d.Position, 0), ct);

    /// <summary>Computed when it is typed, not when the challenge was opened: it lives a minute at most.</summary>
    public Task<string> AnswerAsync(BenchUser user, ChallengeHandle handle) =>
        Task.FromResult(Totp.Compute(Key(user), Totp.StepAt(time.GetUtcNow()), new TotpParameters()));

    private static byte[] Key(BenchUser user) => SHA256.HashData(user.Id.ToByteArray())[..20];
}
