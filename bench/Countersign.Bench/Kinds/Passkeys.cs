using Countersign.Server.Data;
using Countersign.Server.Data.Protection;
using Countersign.Server.Features.Confirming.Challenges;
using Countersign.Server.Features.Confirming.Devices;
using Countersign.Server.Features.Kinds.Passkeys;
using Countersign.Server.Http;
using Countersign.Testing;
using Microsoft.Extensions.Options;

namespace Countersign.Bench.Kinds;

/// <summary>Passkeys of one authenticator, which signs for all: the check of a signature costs what it costs.</summary>
internal sealed class Passkeys(Prompts prompts, RowProtection protection, IOptions<SiteOptions> site) : IBenchKind, IDisposable
{
    private readonly SoftPasskey _authenticator = new() { Origin = site.Value.PublicUrl, RpId = site.Value.Host };

    public string Id => PasskeyKind.KindId;

    public bool Keeps => true;

    public void Add(CountersignDbContext db, BenchUser user, DateTimeOffset now)
    {
        var passkey = new PasskeyCredential(
            [.. _authenticator.CredentialId], _authenticator.CosePublicKey(), ["internal"], BackupEligible: false, BackedUp: false,
            SoftPasskey.ModelId);
        db.Add(new Device
        {
            UserId = user.Id,
            Id = user.DeviceOf(Id),
            Kind = Id,
            Serial = user.DeviceOf(Id).ToString("N"),
            Label = "Laptop",
            Status = DeviceStatus.Active,
            State = protection.Protect(Device.StateColumn, user.Id, user.DeviceOf(Id), passkey.ToBytes()),
            CreatedAt = now,
            ActivatedAt = now,
            TrustedAt = now,
        });
    }

    /// <summary>The authenticator does not count, and each challenge is asked anew.</summary>
    public Task FreshenAsync(CountersignDbContext db, CancellationToken ct) => Task.CompletedTask;

    public async Task<string> AnswerAsync(BenchUser user, ChallengeHandle handle) =>
        _authenticator.Use(PasskeyPrompt.Read(await prompts.OfAsync(handle)).Options);

    public void Dispose() => _authenticator.Dispose();
}
