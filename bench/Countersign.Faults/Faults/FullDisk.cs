namespace Countersign.Faults.Faults;

/// <summary>
/// The disk of the database is full for a while. PostgreSQL may have ended by then, since it cannot write its log: whoever makes room
/// starts it again, unless it is there.
/// </summary>
internal sealed class FullDisk : FaultRun
{
    public override string Name => "full-disk";

    protected override TimeSpan Lasts => TimeSpan.FromSeconds(15);

    protected override SitePlan Plan(SitePlan plan) => plan with { SmallDisk = true };

    protected override Task BreakAsync(Site site)
    {
        site.Disk!.Fill();
        return Task.CompletedTask;
    }

    protected override Task MendAsync(Site site)
    {
        site.Disk!.MakeRoom();
        return site.Cluster?.ComeBackAsync() ?? Task.CompletedTask;
    }
}
