using System.Threading.Channels;

namespace Countersign.Server.Features.Ground.Jobs;

/// <summary>Wakes a job of this node. Of many wake-ups before its next turn one is kept.</summary>
internal sealed class JobSignal
{
    private readonly Channel<bool> _wakes =
        Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    public void Wake() => _wakes.Writer.TryWrite(true);

    public async Task WokenAsync(CancellationToken ct) => await _wakes.Reader.ReadAsync(ct);
}
