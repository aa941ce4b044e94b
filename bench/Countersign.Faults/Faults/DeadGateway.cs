namespace Countersign.Faults.Faults;

/// <summary>The only gateway for text messages takes no connection for a while.</summary>
internal sealed class DeadGateway : FaultRun
{
    public override string Name => "dead-gateway";

    protected override TimeSpan Lasts => TimeSpan.FromSeconds(10);

    protected override SitePlan Plan(SitePlan plan) => plan with { BySms = true };

    protected override Task BreakAsync(Site site) => site.Gateway!.StopAsync();

    protected override Task MendAsync(Site site) => site.Gateway!.StartAsync();
}
