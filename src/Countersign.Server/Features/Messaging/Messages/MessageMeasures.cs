using System.Diagnostics.Metrics;
using Countersign.Server.Data;
using Countersign.Server.Telemetry;

namespace Countersign.Server.Features.Messaging.Messages;

/// <summary>Counts messages after the commit: queued, and what became of each attempt.</summary>
internal sealed class MessageMeasures(IMeterFactory meters)
{
    /// <summary>What stands where a message has had no gateway yet.</summary>
    public const string None = "none";

    private readonly Counter<long> _queued = meters.Countersign().CreateCounter<long>(
        "countersign.messages.queued", "{message}", "Messages queued, by channel.");
    private readonly Counter<long> _handled = meters.Countersign().CreateCounter<long>(
        "countersign.messages.handled", "{attempt}", "Attempts to send, by channel, gateway and state.");

    public void Queued(CountersignDbContext db, MessageChannel channel)
    {
        if (_queued.Enabled)
        {
            db.AfterCommit(() => _queued.Add(1, new KeyValuePair<string, object?>(Attributes.Channel, Lower(channel))));
        }
    }

    /// <summary>Counts an attempt; a message that is <see cref="MessageState.Queued"/> again will be tried again.</summary>
    public void Handled(CountersignDbContext db, MessageChannel channel, string? gateway, MessageState state)
    {
        if (_handled.Enabled)
        {
            var name = state == MessageState.Queued ? "retried" : Lower(state);
            db.AfterCommit(
                () => _handled.Add(
                    1, new(Attributes.Channel, Lower(channel)), new(Attributes.Gateway, gateway ?? None), new(Attributes.State, name)));
        }
    }

    private static string Lower<T>(T value)
        where T : struct, Enum => value.ToString().ToLowerInvariant();
}
