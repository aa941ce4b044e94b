using System.Globalization;
using Countersign.Server.Data;
using Countersign.Server.Features.Confirming.Challenges;
using Countersign.Server.Features.Confirming.Devices;
using Countersign.Server.Features.Registry.Users;

namespace Countersign.Server.Features.Kinds.Passkeys.Alone;

/// <summary>
/// The client's choice whether a passkey signs in alone. On takes that passkey; off takes nothing, as it only closes a way.
/// </summary>
internal sealed class ChangeAlone(IWriter writer, ChallengeOpening opening, AlonePurpose purpose, HeldPasskeys held, AloneSwitch alone)
{
    /// <summary>Asks the passkey to agree.</summary>
    public Task<Result<ChallengeHandle>> AskAsync(
        UserView user, Opener opener, Guid deviceId, CultureInfo language, CancellationToken ct) =>
        writer.RunAsync<Result<ChallengeHandle>>(
            async (db, token) =>
            {
                if (await held.FindActiveAsync(db, user.Id, deviceId, token) is not { Device: { } device })
                {
                    return DeviceErrors.Gone;
                }

                var request = purpose.For(user, new AloneSubject(device.Id, device.Label), language, opener);
                return await opening.BeginOnAsync(db, request, new AskedOf(device.Credential, device.Id), had: null, token);
            },
            ct);

    /// <returns>Null when done, else why not.</returns>
    public Task<Error?> TurnOffAsync(UserView user, Guid deviceId, string source, CancellationToken ct) =>
        writer.RunAsync((db, token) => alone.TurnOffAsync(db, user, deviceId, source, token), ct);
}
