namespace Countersign.Faults.Faults;

/// <summary>The primary of two hosts of PostgreSQL is killed for good; two seconds later the other one is promoted.</summary>
internal sealed class LostHost : FaultRun
{
    public override string Name => "fail-over";

    public override IReadOnlyList<string> Databases => [SitePlan.Postgres];

    protected override TimeSpan Lasts => TimeSpan.FromSeconds(2);

    protected override SitePlan Plan(SitePlan plan) => plan with { TwoHosts = true };

    protected override Task BreakAsync(Site site) => site.Cluster!.KillAsync();

    protected override Task MendAsync(Site site) => site.Replica!.PromoteAsync();
}
