namespace Countersign.Server.Features.Pages.Help;

internal static class HelpSlice
{
    public static IServiceCollection AddHelp(this IServiceCollection services)
    {
        services.AddSingleton<HelpFacts>();
        return services.AddSingleton<HelpLibrary>();
    }

    public static void MapHelp(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/help/feed", HelpFeed.Answer).AllowAnonymous().WithTags("Help");
}
