using System.Globalization;
using Countersign.Server.Data;
using Countersign.Server.Data.Protection;
using Countersign.Server.Features.Confirming.Challenges;
using Countersign.Server.Features.Registry.People;
using Countersign.Server.Features.Registry.Users;

namespace Countersign.Server.Features.Clients.Contacts;

/// <summary>Asks a device to agree to another postal address.</summary>
internal sealed class ChangeAddress(IWriter writer, ChallengeOpening opening, AddressChangePurpose purpose, RowProtection protection)
{
    public Task<Result<ChallengeHandle>> BeginAsync(
        UserView user, Opener opener, HolderAddress address, CultureInfo language, CancellationToken ct) =>
        writer.RunAsync<Result<ChallengeHandle>>(
            async (db, token) =>
            {
                var holder = await PersonViews.HolderOfUserAsync(db, protection, user.Id, token);
                return address.IsSameAs(holder.Details.Home, holder.Residence)
                    ? ContactErrors.SameAddress
                    : await opening.BeginAsync(db, purpose.For(user, address, language, opener), token);
            },
            ct);
}
