namespace Countersign.Server.Features.Confirming.Devices;

/// <summary>What anybody may know of a credential: nothing in it is secret.</summary>
/// <param name="Version">The one that was looked at: a spend takes no other.</param>
internal sealed record CredentialView(CredentialKey Key, string Kind, string Serial, CredentialStatus Status, int Version, long Position);

/// <summary>A credential with what only its kind understands. It goes to kinds and to nobody else.</summary>
/// <param name="State">The kind's own, opened.</param>
internal sealed record OpenedCredential(CredentialView Facts, byte[] State)
{
    /// <summary>When it last gave a right response.</summary>
    public DateTimeOffset? LastUsedAt { get; init; }

    public CredentialKey Key => Facts.Key;

    public long Position => Facts.Position;
}
