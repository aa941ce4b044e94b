using System.Globalization;
using Countersign.Server.Data;
using Countersign.Server.Features.Confirming.Challenges;
using Countersign.Server.Features.Confirming.Devices;
using Countersign.Server.Features.Kinds.EmailCodes;
using Countersign.Server.Features.Registry.Users;

namespace Countersign.Server.Features.Clients.Contacts;

/// <summary>Asks a device to agree to another e-mail address, and then the address to show that it is the user's.</summary>
internal sealed class ChangeEmail(
    IWriter writer, ChallengeOpening opening, EmailChangePurpose changes, EmailProofPurpose proofs, WantedEmails wanted,
    AddressCredentials addresses)
{
    public async Task<Result<ChallengeHandle>> BeginAsync(
        UserView user, Opener opener, string? typed, CultureInfo language, CancellationToken ct)
    {
        if (!EmailAddress.TryParse(typed, out var address))
        {
            return ContactErrors.Email;
        }

        return address.IsSameAs(user.Email)
            ? ContactErrors.SameEmail
            : await writer.RunAsync(
                (db, token) => opening.BeginAsync(db, changes.For(user, new EmailChangeSubject(address.Value), language, opener), token),
                ct);
    }

    /// <summary>Sends the code to the address that a device has agreed to.</summary>
    public Task<Result<ChallengeHandle>> ProveAsync(UserView user, Opener opener, CultureInfo language, CancellationToken ct) =>
        writer.RunAsync<Result<ChallengeHandle>>(
            async (db, token) =>
            {
                if (await wanted.FindAsync(db, user.Id, token) is not { } found)
                {
                    return ContactErrors.Gone;
                }

                // One for each user, whatever address it stands for: wrong responses go on counting when another one is wanted.
                var credential = await addresses.OfAsync(
                    db, user.Id, EmailCodeKind.KindId, serial: $"wanted-{user.Id:N}", found.Address, token);
                var request = proofs.For(user, new EmailProofSubject(found.Id, found.Address), language, opener);
                return await opening.BeginOnAsync(db, request, new AskedOf(credential.Key, DeviceId: null), had: null, token);
            },
            ct);

    public Task GiveUpAsync(UserView user, Opener opener, CancellationToken ct) => writer.RunAsync(
        async (db, token) =>
        {
            await wanted.GiveUpAsync(db, user.Id, opener.ActsFor(user.Id), token);
            return true;
        },
        ct);
}
