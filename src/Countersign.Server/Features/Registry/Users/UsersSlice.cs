namespace Countersign.Server.Features.Registry.Users;

internal static class UsersSlice
{
    public static IServiceCollection AddUsers(this IServiceCollection services) => services.AddSingleton<UserViews>();
}
