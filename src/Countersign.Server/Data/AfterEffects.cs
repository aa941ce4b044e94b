namespace Countersign.Server.Data;

/// <summary>
/// Runs what has to happen after a commit. What is committed stays so: an action that throws is told to the log, and neither
/// to the caller, who would think that nothing was written, nor to the writer's thread, which would end.
/// </summary>
internal sealed partial class AfterEffects(ILogger<AfterEffects> logger)
{
    public void Run(IEnumerable<Action> actions)
    {
        foreach (var action in actions)
        {
            try
            {
                action();
            }
#pragma warning disable CA1031 // Nobody is left who could be told.
            catch (Exception e)
#pragma warning restore CA1031
            {
                LogFailed(e);
            }
        }
    }

    [LoggerMessage(8003, LogLevel.Error, "What was to follow a commit failed; the commit stands.")]
    private partial void LogFailed(Exception exception);
}
