using System.Diagnostics.Metrics;
using Countersign.Server.Telemetry;

namespace Countersign.Server.Data.Protection;

/// <summary>How often stored secrets are opened: whoever reads them out by the thousand shows here.</summary>
internal sealed class SecretMeasures
{
    private readonly Counter<long> _opened;

    public SecretMeasures(IMeterFactory meters) => _opened = meters.Countersign().CreateCounter<long>(
        "countersign.secrets.opened", "{secret}", "Stored secrets that were opened.");

    public void Opened(SealedColumn column) => _opened.Add(1, new KeyValuePair<string, object?>(Attributes.Column, column.Name));
}
