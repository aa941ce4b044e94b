using System.Globalization;
using System.Text.Json;
using Countersign.Server.Data;
using Countersign.Server.Features.Confirming.Challenges;
using Countersign.Server.Features.Confirming.Devices;
using Countersign.Server.Features.Registry.Users;

namespace Countersign.Server.Features.Kinds.Passkeys.Alone;

/// <summary>The client's choice whether a passkey signs in alone. On takes that passkey; off takes nothing, as it only closes a way.</summary>
internal sealed class ChangeAlone(IWriter writer, ChallengePrompting prompting, AloneSwitch alone)
{
    /// <summary>Asks the passkey to agree.</summary>
    public Task<Result<ChallengeHandle>> AskAsync(UserView user, Opener opener, Guid deviceId, CultureInfo language, CancellationToken ct) => writer.RunAsync<Result<ChallengeHandle>>(
        async (db, token) =>
        {
            if (await alone.FindAsync(db, user.Id, deviceId, token) is not { } device)
            {
                return DeviceErrors.Gone;
            }

            var subject = JsonSerializer.SerializeToElement(new AloneSubject(device.Id, device.Label), AloneJson.Default.AloneSubject);
            return await prompting.BeginOnAsync(db, user, AlonePurpose.PurposeId, subject, language, opener, device.Id, token);
        },
        ct);

    public Task<Error?> TurnOffAsync(UserView user, Guid deviceId, string source, CancellationToken ct) => writer.RunAsync((db, token) => alone.TurnOffAsync(db, user, deviceId, source, token), ct);
}
