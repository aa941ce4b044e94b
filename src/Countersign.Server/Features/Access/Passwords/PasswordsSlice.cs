using Countersign.Server.Data.Protection;
using Countersign.Server.Features.Registry.Users;
using Microsoft.Extensions.Options;

namespace Countersign.Server.Features.Access.Passwords;

internal static class PasswordsSlice
{
    public static IServiceCollection AddPasswords(this IServiceCollection services)
    {
        services.AddOptions<PasswordOptions>().BindConfiguration(PasswordOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<PasswordOptions>, PasswordOptionsValidator>();
        services.AddSingleton(s => PasswordBlocklist.Load(s.GetRequiredService<IOptions<PasswordOptions>>().Value.BlocklistFile));
        services.AddSingleton<WantedPasswords>();
        services.AddSingleton<PasswordHash>();
        services.AddSingleton<PasswordQueue>();
        services.AddSingleton<IKeyedRows>(new KeyedRows<User>(
            "passwords", PasswordHash.Use, KeyRest.IfAsked, "each takes the new key when its owner signs in; or add --keep-passwords",
            (rows, id) => rows.Where(u => u.PasswordHash!.Contains("$" + id + "$"))));
        return services;
    }
}
