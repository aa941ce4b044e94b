namespace Countersign.Server.Features.Confirming.SentCodes;

internal static class SentCodesSlice
{
    public static IServiceCollection AddSentCodes(this IServiceCollection services) =>
        services.AddSingleton<CodeSecrets>().AddSingleton<MessageCodes>();
}
