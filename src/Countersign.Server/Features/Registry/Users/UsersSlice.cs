using Countersign.Server.Data.Protection;
using Countersign.Server.Features.Access.Passwords;
using Countersign.Server.Features.Clients.Records.Import;
using Countersign.Server.Features.Confirming.Challenges;
using Countersign.Server.Features.SigningIn.PasswordChanges;
using Countersign.Server.Http;
using Microsoft.Extensions.Options;

namespace Countersign.Server.Features.Registry.Users;

internal static class UsersSlice
{
    public static IServiceCollection AddUsers(this IServiceCollection services)
    {
        services.AddOptions<PasswordOptions>().BindConfiguration(PasswordOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<PasswordOptions>, PasswordOptionsValidator>();
        services.AddSingleton(s => PasswordBlocklist.Load(s.GetRequiredService<IOptions<PasswordOptions>>().Value.BlocklistFile));
        services.AddSingleton<PasswordHash>();
        services.AddSingleton<IKeyedRows>(new KeyedRows<User>(
            "passwords", PasswordHash.Use, KeyRest.IfAsked, "each takes the new key when its owner signs in; or add --keep-passwords", (rows, id) => rows.Where(u => u.PasswordHash!.Contains("$" + id + "$"))));
        services.AddSingleton<PasswordQueue>();
        services.AddSingleton<ChangePassword>();
        services.AddSingleton<IPurpose, PasswordChangePurpose>();
        services.AddSingleton<UserViews>();
        services.AddSingleton(s =>
        {
            var passwords = s.GetRequiredService<IOptions<PasswordOptions>>().Value;
            return new ImportParser(
                new PasswordPolicy(passwords.MinimumLength, passwords.MaximumLength), s.GetRequiredService<PasswordBlocklist>(), s.GetRequiredService<IOptions<SiteOptions>>().Value.Name);
        });
        services.AddSingleton<FactsWriter>();
        services.AddSingleton<ImportUsers>();
        return services;
    }
}
