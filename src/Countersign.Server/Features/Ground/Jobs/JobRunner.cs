namespace Countersign.Server.Features.Ground.Jobs;

/// <summary>
/// Gives every job its turns, each in a loop of its own: one that fails, or hangs, holds up no other. What fails is tried again, later and
/// later, and told once, until it works again.
/// </summary>
internal sealed class JobRunner(IEnumerable<IJob> jobs, JobLeases leases, TimeProvider time, ILoggerFactory loggers) : BackgroundService
{
    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(jobs.Select(j => new JobLoop(j, leases, time, loggers.CreateLogger<JobLoop>()).RunAsync(stoppingToken)));
}
