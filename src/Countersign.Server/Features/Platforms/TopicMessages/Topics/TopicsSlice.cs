using Microsoft.Extensions.Options;

namespace Countersign.Server.Features.Platforms.TopicMessages.Topics;

internal static class TopicsSlice
{
    public static IServiceCollection AddTopics(this IServiceCollection services)
    {
        services.AddOptions<TopicOptions>().BindConfiguration(TopicOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<TopicOptions>, TopicOptionsValidator>();
        return services.AddSingleton<TopicCatalog>().AddSingleton<ChooseTopics>();
    }
}
