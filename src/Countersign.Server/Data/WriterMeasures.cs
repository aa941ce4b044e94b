using System.Diagnostics;
using System.Diagnostics.Metrics;
using Countersign.Server.Telemetry;

namespace Countersign.Server.Data;

/// <summary>How the one door for writes is doing.</summary>
internal sealed class WriterMeasures
{
    private readonly Histogram<int> _units;
    private readonly Histogram<double> _duration;
    private readonly Counter<long> _refused;
    private readonly Counter<long> _repeated;
    private Func<int> _waiting = () => 0;

    public WriterMeasures(IMeterFactory meters)
    {
        var meter = meters.Countersign();
        meter.CreateObservableUpDownCounter(
            "countersign.writer.queue",
            () => _waiting(),
            "{unit}",
            "Units of work that wait for the writer, or are at work on PostgreSQL.");
        _units = meter.CreateHistogram(
            "countersign.writer.commit.units",
            "{unit}",
            "Units of work in one commit.",
            advice: new InstrumentAdvice<int> { HistogramBucketBoundaries = [1, 2, 4, 8, 16, 32, 64, 128] });
        _duration = meter.CreateHistogram(
            "countersign.writer.commit.duration", "s", "From the beginning of a transaction to its durable end.",
            advice: new InstrumentAdvice<double>
            {
                HistogramBucketBoundaries = [0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
            });
        _refused = meter.CreateCounter<long>("countersign.writer.refused", "{unit}", "Units of work that found the queue full.");
        _repeated = meter.CreateCounter<long>(
            "countersign.writer.repeated", "{unit}", "Units of work run again: they lost a race, or a row was not as taken for granted.");
    }

    /// <summary>Tells where to look for the length of the queue.</summary>
    public void Watch(Func<int> waiting) => _waiting = waiting;

    public void Committed(int units, long started)
    {
        _units.Record(units);
        _duration.Record(Stopwatch.GetElapsedTime(started).TotalSeconds);
    }

    public void Refused() => _refused.Add(1);

    public void Repeated() => _repeated.Add(1);
}
