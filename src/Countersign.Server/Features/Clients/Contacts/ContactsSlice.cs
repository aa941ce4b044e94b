using Countersign.Server.Data;
using Countersign.Server.Features.Access.Freezing;
using Countersign.Server.Features.Confirming.Challenges;
using Countersign.Server.Features.Confirming.Devices;

namespace Countersign.Server.Features.Clients.Contacts;

internal static class ContactsSlice
{
    public static IServiceCollection AddContacts(this IServiceCollection services)
    {
        services.AddSingleton<ContactLife>();
        services.AddSingleton<WantedEmails>();
        services.AddSingleton<IEndsWhenFrozen>(s => s.GetRequiredService<WantedEmails>());
        services.AddSingleton<IEndsWithDevice>(s => s.GetRequiredService<WantedEmails>());
        services.AddSingleton<IOldRows>(new OldRows<WantedEmail>(nameof(WantedEmail.ExpiresAt), _ => TimeSpan.Zero));
        services.AddPurpose<EmailChangePurpose>();
        services.AddPurpose<EmailProofPurpose>();
        services.AddPurpose<AddressChangePurpose>();
        services.AddSingleton<ChangeEmail>();
        return services.AddSingleton<ChangeAddress>();
    }
}
