using Countersign.Server.Data;
using Countersign.Server.Data.Protection;
using Countersign.Server.Features.Registry.People;

namespace Countersign.Server.Features.Registry.Users;

internal static class UsersSlice
{
    public static IServiceCollection AddUsers(this IServiceCollection services) =>
        services.AddSingleton<IKeyedRows>(HolderDetails.Column)
            .AddSingleton<IOldRows>(new OldRows<FormerEmail>(nameof(FormerEmail.ToldUntil), _ => TimeSpan.Zero))
            .AddSingleton<UserViews>();
}
