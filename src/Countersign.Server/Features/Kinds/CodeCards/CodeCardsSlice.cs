using Countersign.Server.Features.Confirming.Devices;
using Countersign.Server.Features.Kinds.CodeCards.Import;
using Microsoft.Extensions.Options;

namespace Countersign.Server.Features.Kinds.CodeCards;

internal static class CodeCardsSlice
{
    public static IServiceCollection AddCodeCards(this IServiceCollection services)
    {
        services.AddOptions<CodeCardOptions>().BindConfiguration(CodeCardOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<CodeCardOptions>, CodeCardOptionsValidator>();
        services.AddSingleton<CardRegister>();
        services.AddSingleton<CardWriter>();
        services.AddSingleton<ImportCards>();
        return services.AddSingleton<IDeviceKind, CodeCardKind>();
    }
}
