namespace Countersign.Server.Features.Pages.Operators;

internal static class OperatorsSlice
{
    public static IServiceCollection AddOperators(this IServiceCollection services)
    {
        services.AddSingleton<OperatorCodes>();
        services.AddSingleton<OperatorAccess>();
        services.AddSingleton<Traffic>();
        services.AddSingleton<MessageCosts>();
        return services;
    }
}
