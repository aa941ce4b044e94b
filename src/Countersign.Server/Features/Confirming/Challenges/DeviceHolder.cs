using Countersign.Server.Features.Confirming.Devices;
using Countersign.Server.Features.Ground.Audit;

namespace Countersign.Server.Features.Confirming.Challenges;

/// <summary>Somebody who has shown to the credential's kind that they hold it: they read, approve and deny what it is asked.</summary>
/// <param name="Source">IPv4 address or IPv6 /64.</param>
internal sealed record DeviceHolder(Guid UserId, CredentialKey Credential, string Source)
{
    public Actor Actor => Actor.Client(UserId, Source);
}
