using System.Security.Cryptography;
using Countersign.Protocol.Oath;
using Countersign.Server.Features.Confirming.Challenges;
using Countersign.Server.Features.Confirming.Devices;
using Countersign.Server.Features.Kinds.AuthenticatorApps;

namespace Countersign.Bench.Kinds;

/// <summary>Codes of the present time step. The key follows from the user, so that none has to be remembered.</summary>
internal sealed class AuthenticatorApps(CredentialVault vault, TimeProvider time) : IBenchKind
{
    public string Id => AuthenticatorAppKind.KindId;

    public bool Keeps => false;

    public void Add(Filling filling, BenchUser user, DateTimeOffset now) =>
        filling.AddDevice(vault, user, Id, user.DeviceOf(Id).ToString("N"), new AppKey(Key(user), OathHash.Sha1, 6).ToBytes(), now);

    public bool Moves => true;

    /// <summary>Computed when it is typed, not when the challenge was opened: it lives a minute at most.</summary>
    public Task<string> AnswerAsync(BenchUser user, ChallengeHandle handle) =>
        Task.FromResult(Totp.Compute(Key(user), Totp.StepAt(time.GetUtcNow()), new TotpParameters()));

    private static byte[] Key(BenchUser user) => SHA256.HashData(user.Id.ToByteArray())[..20];
}
