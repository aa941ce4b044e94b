namespace Countersign.Faults.Faults;

/// <summary>PostgreSQL stands still for twenty seconds with its connections open, as on a host that waits for its disk.</summary>
internal sealed class FrozenPostgres : FaultRun
{
    public override string Name => "freeze-postgres";

    public override IReadOnlyList<string> Databases => [SitePlan.Postgres];

    protected override TimeSpan Lasts => TimeSpan.FromSeconds(20);

    protected override Task BreakAsync(Site site) => site.Cluster!.FreezeAsync();

    protected override Task MendAsync(Site site) => site.Cluster!.ThawAsync();
}
