using Countersign.Server.Features.Confirming.Challenges;
using Countersign.Server.Features.Confirming.Devices;
using Countersign.Server.Features.Kinds.Passkeys;
using Countersign.Server.Http;
using Countersign.Testing;
using Microsoft.Extensions.Options;

namespace Countersign.Bench.Kinds;

/// <summary>Passkeys of one authenticator, which signs for all: the check of a signature costs what it costs.</summary>
internal sealed class Passkeys(Prompts prompts, CredentialVault vault, IOptions<SiteOptions> site) : IBenchKind, IDisposable
{
    private readonly SoftPasskey _authenticator = new() { Origin = site.Value.PublicUrl, RpId = site.Value.Host };

    public string Id => PasskeyKind.KindId;

    public bool Keeps => true;

    public void Add(Filling filling, BenchUser user, DateTimeOffset now)
    {
        var passkey = new PasskeyCredential(
            [.. _authenticator.CredentialId], _authenticator.CosePublicKey(), ["internal"], BackupEligible: false, BackedUp: false,
            SoftPasskey.ModelId);
        filling.AddDevice(vault, user, Id, user.DeviceOf(Id).ToString("N"), passkey.ToBytes(), now);
    }

    /// <summary>The authenticator does not count, and each challenge is asked anew.</summary>
    public bool Moves => false;

    public async Task<string> AnswerAsync(BenchUser user, ChallengeHandle handle) =>
        _authenticator.Use(PasskeyPrompt.Read(await prompts.OfAsync(handle)).Options);

    public void Dispose() => _authenticator.Dispose();
}
