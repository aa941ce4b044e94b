using System.Diagnostics.Metrics;
using Countersign.Server.Data;
using Countersign.Server.Features.Ground.Jobs;
using Countersign.Server.Telemetry;
using Microsoft.EntityFrameworkCore;

namespace Countersign.Server.Features.Messaging.Messages;

/// <summary>
/// Looks every fifteen seconds how much waits in the outbox, while somebody listens. The numbers are the database's: each
/// node tells the same.
/// </summary>
internal sealed class OutboxGauges : IJob
{
    private readonly Contexts _contexts;
    private readonly TimeProvider _time;
    private readonly ObservableGauge<long> _depth;
    private IReadOnlyList<Look>? _last;

    public OutboxGauges(Contexts contexts, IMeterFactory meters, TimeProvider time)
    {
        (_contexts, _time) = (contexts, time);
        var meter = meters.Countersign();
        _depth = meter.CreateObservableGauge(
            "countersign.outbox.depth", () => Measure(look => look.Depth), "{message}", "Messages that are not final.");
        meter.CreateObservableGauge(
            "countersign.outbox.delay",
            () => Measure(look => look.Delay),
            "s",
            "How long the message that is due longest has waited since then.");
    }

    public string Name => "outbox-gauges";

    public TimeSpan Every => TimeSpan.FromSeconds(15);

    public bool Unhurried => true;

    public async Task<int> RunOnceAsync(CancellationToken ct)
    {
        try
        {
            _last = _depth.Enabled ? await LookAsync(ct) : null;
            return 0;
        }
        catch
        {
            // A number that is not known is not told: an old one would look like calm.
            _last = null;
            throw;
        }
    }

    private async Task<IReadOnlyList<Look>> LookAsync(CancellationToken ct)
    {
        await using var db = _contexts.Read();
        var now = _time.GetUtcNow();
        var looks = new List<Look>();
        foreach (var kind in Enum.GetValues<MessageClass>())
        {
            var messages = db.Set<Message>().Where(m => m.Class == kind);
            var depth = await messages.LongCountAsync(m => m.State == MessageState.Queued || m.State == MessageState.Sending, ct);
            var due = await messages
                .Where(m => m.State == MessageState.Queued && m.DueAt <= now)
                .OrderBy(m => m.DueAt)
                .Select(m => (DateTimeOffset?)m.DueAt)
                .FirstOrDefaultAsync(ct);
            looks.Add(new Look(kind, depth, due is { } since ? (now - since).TotalSeconds : 0));
        }

        return looks;
    }

    private IEnumerable<Measurement<T>> Measure<T>(Func<Look, T> what)
        where T : struct => (_last ?? []).Select(look => new Measurement<T>(
            what(look), new KeyValuePair<string, object?>("class", look.Class.ToString().ToLowerInvariant())));

    private sealed record Look(MessageClass Class, long Depth, double Delay);
}
