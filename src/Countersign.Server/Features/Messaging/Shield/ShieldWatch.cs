using Countersign.Server.Data;
using Countersign.Server.Features.Ground.Audit;
using Countersign.Server.Features.Ground.Jobs;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace Countersign.Server.Features.Messaging.Shield;

/// <summary>
/// Looks each minute whether codes that go to a block of numbers come back. Where far too few do, somebody earns by the messages:
/// an alarm is raised and the block is stopped for numbers that nobody has shown to be theirs. Safe on several nodes; one is enough.
/// </summary>
internal sealed partial class ShieldWatch(
    Contexts contexts, IWriter writer, PrefixStops stops, IOptions<ShieldOptions> options, TimeProvider time, ILogger<ShieldWatch> logger)
    : IJob
{
    /// <summary>Who stopped it, in the list and in the audit log.</summary>
    public const string Who = "shield";

    private static readonly TimeSpan Window = TimeSpan.FromHours(1);

    public string Name => Who;

    public TimeSpan Every => TimeSpan.FromMinutes(1);

    public bool Leased => true;

    public bool Unhurried => true;

    public bool WaitsFirst => true;

    /// <summary>Stops every block that deserves it; returns how many were stopped now.</summary>
    public async Task<int> RunOnceAsync(CancellationToken ct)
    {
        IReadOnlyDictionary<string, CodeFigures> ranges;
        await using (var db = contexts.Read())
        {
            ranges = await ShieldFigures.ByRangeAsync(db, time.GetUtcNow() - Window, ct);
        }

        var stopped = 0;
        foreach (var (range, (sent, verified)) in ranges.Where(r => IsPumped(r.Value)))
        {
            if (await TryStopAsync(range, sent, verified, ct))
            {
                stopped++;
                LogStopped(range, sent, verified);
            }
        }

        return stopped;
    }

    private bool IsPumped(CodeFigures codes) => codes.Asked >= options.Value.AlarmAtLeast && codes.Ratio > options.Value.AlarmRatio;

    private async Task<bool> TryStopAsync(string range, int sent, int verified, CancellationToken ct)
    {
        try
        {
            return await writer.RunAsync(
                (db, token) => stops.StopAsync(db, range, StopScope.Unproven, Actor.Job(Who), (sent, verified), token), ct);
        }
        catch (DbUpdateException)
        {
            // Another node stopped it at the same moment.
            return false;
        }
    }

    [LoggerMessage(
        5001,
        LogLevel.Error,
        "Messages to {Range}… look like fraud: {Sent} codes were sent within an hour and {Verified} came back. Such "
            + "numbers get none until the stop is lifted.")]
    private partial void LogStopped(string range, int sent, int verified);
}
