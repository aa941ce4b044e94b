using Countersign.Server.Data.Protection;
using Countersign.Server.Features.Registry.People;

namespace Countersign.Server.Features.Registry.Users;

internal static class UsersSlice
{
    public static IServiceCollection AddUsers(this IServiceCollection services) =>
        services.AddSingleton<IKeyedRows>(HolderDetails.Column).AddSingleton<UserViews>();
}
