using Microsoft.AspNetCore.Identity;

namespace Countersign.Server.Features.Kinds.Passkeys;

/// <summary>A user and the passkeys that may answer, as the framework's handler sees them.</summary>
/// <param name="Handle">The user's id: it stands in the authenticator, and says nothing of the person.</param>
internal sealed record PasskeyOwner(string Handle, IReadOnlyList<PasskeyCredential> Passkeys)
{
    public static string HandleOf(Guid userId) => userId.ToString("N");
}

/// <summary>Gives the framework's handler one owner to look at: what may answer was read before, and nothing is stored here.</summary>
internal sealed class PasskeyOwnerStore(PasskeyOwner? owner) : IUserPasskeyStore<PasskeyOwner>
{
    public Task<PasskeyOwner?> FindByIdAsync(string userId, CancellationToken cancellationToken) =>
        Task.FromResult(owner?.Handle == userId ? owner : null);

    public Task<PasskeyOwner?> FindByPasskeyIdAsync(byte[] credentialId, CancellationToken cancellationToken) =>
        Task.FromResult(owner is not null && Find(owner, credentialId) is not null ? owner : null);

    public Task<string> GetUserIdAsync(PasskeyOwner user, CancellationToken cancellationToken) => Task.FromResult(user.Handle);

    public Task<string?> GetUserNameAsync(PasskeyOwner user, CancellationToken cancellationToken) => Task.FromResult<string?>(user.Handle);

    public Task<IList<UserPasskeyInfo>> GetPasskeysAsync(PasskeyOwner user, CancellationToken cancellationToken) =>
        Task.FromResult<IList<UserPasskeyInfo>>([.. user.Passkeys.Select(Told)]);

    public Task<UserPasskeyInfo?> FindPasskeyAsync(PasskeyOwner user, byte[] credentialId, CancellationToken cancellationToken) =>
        Task.FromResult(Find(user, credentialId) is { } found ? Told(found) : null);

    public Task<IdentityResult> CreateAsync(PasskeyOwner user, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<IdentityResult> UpdateAsync(PasskeyOwner user, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<IdentityResult> DeleteAsync(PasskeyOwner user, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<PasskeyOwner?> FindByNameAsync(string normalizedUserName, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public Task<string?> GetNormalizedUserNameAsync(PasskeyOwner user, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public Task SetNormalizedUserNameAsync(PasskeyOwner user, string? normalizedName, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public Task SetUserNameAsync(PasskeyOwner user, string? userName, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public Task AddOrUpdatePasskeyAsync(PasskeyOwner user, UserPasskeyInfo passkey, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public Task RemovePasskeyAsync(PasskeyOwner user, byte[] credentialId, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public void Dispose()
    {
        // Nothing is held.
    }

    private static PasskeyCredential? Find(PasskeyOwner user, byte[] id) =>
        user.Passkeys.FirstOrDefault(p => p.Id.AsSpan().SequenceEqual(id));

    /// <summary>With a counter of zero: whether it went on is asked of the device's position, which is spent with the challenge.</summary>
    private static UserPasskeyInfo Told(PasskeyCredential passkey) => new(
        passkey.Id, passkey.PublicKey, DateTimeOffset.UnixEpoch, signCount: 0, [.. passkey.Transports], isUserVerified: true,
        passkey.BackupEligible, passkey.BackedUp, attestationObject: [], clientDataJson: []);
}
