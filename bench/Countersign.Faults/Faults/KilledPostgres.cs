namespace Countersign.Faults.Faults;

/// <summary>All processes of PostgreSQL are killed; it is started three seconds later and recovers.</summary>
internal sealed class KilledPostgres : FaultRun
{
    public override string Name => "kill-postgres";

    public override IReadOnlyList<string> Databases => [SitePlan.Postgres];

    protected override TimeSpan Lasts => TimeSpan.FromSeconds(3);

    protected override Task BreakAsync(Site site) => site.Cluster!.KillAsync();

    protected override Task MendAsync(Site site) => site.Cluster!.ComeBackAsync();
}
