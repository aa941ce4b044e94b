using System.Diagnostics.Metrics;
using Countersign.Server.Data;
using Countersign.Server.Telemetry;

namespace Countersign.Server.Features.Confirming.Challenges;

/// <summary>Counts challenges after the commit: opened, prompted, answered.</summary>
internal sealed class ChallengeMeasures(IMeterFactory meters)
{
    private readonly Counter<long> _opened = meters.Countersign().CreateCounter<long>(
        "countersign.challenges.opened", "{challenge}", "Challenges opened, by purpose.");
    private readonly Counter<long> _prompted = meters.Countersign().CreateCounter<long>(
        "countersign.challenges.prompted", "{prompt}", "Devices chosen, by purpose and kind.");
    private readonly Counter<long> _answered = meters.Countersign().CreateCounter<long>(
        "countersign.challenges.answered", "{response}", "Responses charged, by purpose, kind and outcome.");

    public void Opened(CountersignDbContext db, string purpose)
    {
        if (_opened.Enabled)
        {
            db.AfterCommit(() => _opened.Add(1, new KeyValuePair<string, object?>(Attributes.Purpose, purpose)));
        }
    }

    public void Prompted(CountersignDbContext db, string purpose, string kind)
    {
        if (_prompted.Enabled)
        {
            db.AfterCommit(() => _prompted.Add(1, new(Attributes.Purpose, purpose), new(Attributes.Kind, kind)));
        }
    }

    /// <summary>Counts a response whose try was charged.</summary>
    public void Answered(CountersignDbContext db, string purpose, string kind, ResponseOutcome outcome)
    {
        if (_answered.Enabled)
        {
            var name = outcome.ToString().ToLowerInvariant();
            db.AfterCommit(
                () => _answered.Add(1, new(Attributes.Purpose, purpose), new(Attributes.Kind, kind), new(Attributes.Outcome, name)));
        }
    }
}

/// <summary>What came of a response that was charged, as it is counted.</summary>
internal enum ResponseOutcome
{
    Right,
    Wrong,

    /// <summary>Wrong, and the last one: the challenge has ended.</summary>
    Failed,

    /// <summary>Right, but too late or no longer allowed by the purpose.</summary>
    Refused,
}
