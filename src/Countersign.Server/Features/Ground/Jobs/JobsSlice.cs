namespace Countersign.Server.Features.Ground.Jobs;

internal static class JobsSlice
{
    public static IServiceCollection AddJobs(this IServiceCollection services) =>
        services.AddSingleton<JobLeases>().AddHostedService<JobRunner>();

    /// <summary>A job that others may ask for by its own type.</summary>
    public static IServiceCollection AddJob<TJob>(this IServiceCollection services)
        where TJob : class, IJob =>
        services.AddSingleton<TJob>().AddSingleton<IJob>(s => s.GetRequiredService<TJob>());
}
