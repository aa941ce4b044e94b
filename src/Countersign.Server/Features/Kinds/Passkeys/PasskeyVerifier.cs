using System.Formats.Cbor;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Countersign.Server.Features.Kinds.Passkeys;

/// <summary>
/// Makes and checks the two ceremonies of WebAuthn with the framework's handler, without its tables, cookies and sign-in. The
/// handler forgets a ceremony at once: that each is answered once and in time is the challenge's doing.
/// </summary>
internal sealed class PasskeyVerifier(RelyingParty party, IServiceProvider services)
{
    private const int ModelAt = 37;
    private const int ModelLength = 16;

    /// <summary>Those that a browser can be told again; what else it may have sent is not kept.</summary>
    private static readonly string[] Transports = ["usb", "nfc", "ble", "smart-card", "hybrid", "internal"];

    // The handler asks a request for its host only where it is not told one.
    private readonly DefaultHttpContext _noRequest = new();

    private readonly IdentityPasskeyOptions _options = new()
    {
        ServerDomain = party.Id,
        ChallengeSize = 32,
        UserVerificationRequirement = "preferred",
        ResidentKeyRequirement = "preferred",
        AttestationConveyancePreference = "none",
        ValidateOrigin = page => ValueTask.FromResult(!page.CrossOrigin && party.Accepts(page.Origin)),
    };

    /// <summary>Asks for a new passkey. Authenticators that hold one of <paramref name="owner"/>'s refuse to make another.</summary>
    public async Task<PasskeyPrompt> AskForNewAsync(PasskeyOwner owner, string userName)
    {
        using var users = Users(owner);
        var made = await Handler(users).MakeCreationOptionsAsync(
            new PasskeyUserEntity { Id = owner.Handle, Name = userName, DisplayName = userName }, _noRequest);
        return new PasskeyPrompt(made.CreationOptionsJson, made.AttestationState!);
    }

    /// <summary>Asks for one of <paramref name="owner"/>'s passkeys; without an owner, for whatever the person has.</summary>
    public async Task<PasskeyPrompt> AskForAsync(PasskeyOwner? owner)
    {
        using var users = Users(owner);
        var made = await Handler(users).MakeRequestOptionsAsync(owner, _noRequest);
        return new PasskeyPrompt(made.RequestOptionsJson, made.AssertionState!);
    }

    /// <summary>The new passkey; null when the response is not one for this ceremony.</summary>
    public async Task<(PasskeyCredential Passkey, uint Counter, bool UserVerified)?> CheckNewAsync(
        PasskeyOwner owner, PasskeyPrompt prompt, string response)
    {
        using var users = Users(owner);
        var result = await Handler(users).PerformAttestationAsync(
            new PasskeyAttestationContext { HttpContext = _noRequest, CredentialJson = response, AttestationState = prompt.Expected });
        return !result.Succeeded ? null
            : result.Passkey is var made
            ? (new PasskeyCredential(
                made.CredentialId, made.PublicKey, [.. Transports.Intersect(made.Transports ?? [])], made.IsBackupEligible,
                made.IsBackedUp, ModelIn(made.AttestationObject)), made.SignCount, made.IsUserVerified)
            : null;
    }

    /// <summary>The passkey that signed; null when none of <paramref name="owner"/>'s did for this ceremony.</summary>
    public async Task<PasskeyCredential?> CheckAsync(PasskeyOwner owner, PasskeyPrompt prompt, PasskeyResponse response)
    {
        using var users = Users(owner);
        var result = await Handler(users).PerformAssertionAsync(
            new PasskeyAssertionContext { HttpContext = _noRequest, CredentialJson = response.Json, AssertionState = prompt.Expected });
        return result.Succeeded ? owner.Passkeys.Single(p => p.Id.AsSpan().SequenceEqual(result.Passkey.CredentialId)) : null;
    }

    private PasskeyHandler<PasskeyOwner> Handler(UserManager<PasskeyOwner> users) => new(users, Options.Create(_options));

    private UserManager<PasskeyOwner> Users(PasskeyOwner? owner) => new(
        new PasskeyOwnerStore(owner), Options.Create(new IdentityOptions()), new PasswordHasher<PasskeyOwner>(), [], [],
        new UpperInvariantLookupNormalizer(), new IdentityErrorDescriber(), services, NullLogger<UserManager<PasskeyOwner>>.Instance);

    /// <summary>
    /// The AAGUID stands at a fixed place of the authenticator data (WebAuthn §6.5.1), which the handler has read already.
    /// </summary>
    private static Guid ModelIn(byte[] attestationObject)
    {
        var reader = new CborReader(attestationObject);
        reader.ReadStartMap();
        while (reader.ReadTextString() != "authData")
        {
            reader.SkipValue();
        }

        return new Guid(reader.ReadByteString().AsSpan(ModelAt, ModelLength), bigEndian: true);
    }
}
