namespace Countersign.Faults.Faults;

/// <summary>The server is killed while it works, and started again at once.</summary>
internal sealed class KilledServer : FaultRun
{
    public override string Name => "kill-server";

    protected override Task BreakAsync(Site site) => site.KillNodeAsync(0);

    protected override Task MendAsync(Site site) => site.StartNodeAsync(0);
}
