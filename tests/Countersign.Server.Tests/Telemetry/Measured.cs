using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Globalization;
using Countersign.Server.Telemetry;
using Countersign.Server.Tests.Hosting;

namespace Countersign.Server.Tests.Telemetry;

/// <summary>
/// What a host has measured since this was made, as <c>name{value,value}</c> with the attributes in the order of their names.
/// </summary>
internal sealed class Measured : IDisposable
{
    private readonly MeterListener _listener;
    private readonly ConcurrentDictionary<string, double> _sums = new();

    public Measured(CountersignServer server)
    {
        _listener = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Meter.Name == Instrumentation.Name && server.Owns(instrument.Meter))
                {
                    Instruments.Add(instrument);
                    listener.EnableMeasurementEvents(instrument);
                }
            },
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Take(instrument, value, tags));
        _listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) => Take(instrument, value, tags));
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Take(instrument, value, tags));
        _listener.Start();
    }

    public ConcurrentBag<Instrument> Instruments { get; } = [];

    /// <summary>The sum of what was measured under this key; null when nothing was.</summary>
    public double? this[string key]
    {
        get
        {
            _listener.RecordObservableInstruments();
            return _sums.TryGetValue(key, out var sum) ? sum : null;
        }
    }

    /// <summary>The sum of all that was measured by one instrument.</summary>
    public double Sum(string instrument) =>
        _sums.Where(s => s.Key.StartsWith(instrument + "{", StringComparison.Ordinal)).Sum(s => s.Value);

    public IReadOnlyCollection<string> Keys => [.. _sums.Keys];

    public void Dispose() => _listener.Dispose();

    private void Take(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var key = instrument.Name
            + "{"
            + string.Join(',', tags.ToArray().OrderBy(t => t.Key, StringComparer.Ordinal).Select(
                t => Convert.ToString(t.Value, CultureInfo.InvariantCulture)))
            + "}";
        _sums.AddOrUpdate(key, value, (_, before) => instrument.IsObservable ? value : before + value);
    }
}
