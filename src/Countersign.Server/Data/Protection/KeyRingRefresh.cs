using Microsoft.Extensions.Options;

namespace Countersign.Server.Data.Protection;

/// <summary>
/// Reads the key ring also on a node that has nothing to do. Data Protection reads an outdated ring beside the request that finds it so,
/// and answers that one from the old ring: an idle node would not open what the others close with a newer key.
/// </summary>
internal sealed partial class KeyRingRefresh(RowProtection protection, IOptions<KeysOptions> options, TimeProvider time, ILogger<KeyRingRefresh> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // Twice in each interval: one turn begins to read, and the next takes up what was read.
        using var timer = new PeriodicTimer(options.Value.Refresh / 2, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                protection.Warm();
            }
#pragma warning disable CA1031 // The top of a background loop: one that ends takes the server with it.
            catch (Exception e)
#pragma warning restore CA1031
            {
                LogUnread(e);
            }
        }
    }

    [LoggerMessage(12003, LogLevel.Error, "The key ring could not be read; the one that was read before stays in use.")]
    private partial void LogUnread(Exception exception);
}
