namespace Countersign.Faults.Faults;

/// <summary>One of two nodes behind nginx is killed, and started again ten seconds later.</summary>
internal sealed class LostNode : FaultRun
{
    public override string Name => "lost-node";

    public override IReadOnlyList<string> Databases => [SitePlan.Postgres];

    protected override TimeSpan Lasts => TimeSpan.FromSeconds(10);

    protected override SitePlan Plan(SitePlan plan) => plan with { TwoNodes = true };

    protected override Task BreakAsync(Site site) => site.KillNodeAsync(0);

    protected override Task MendAsync(Site site) => site.StartNodeAsync(0);
}
