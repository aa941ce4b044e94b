using Countersign.Server.Features.Confirming.Challenges;
using Countersign.Server.Features.Confirming.Devices;
using Countersign.Server.Features.Ground.Audit;
using Countersign.Server.Tests.Guards;
using Countersign.Server.Tests.Hosting;

namespace Countersign.Server.Tests.Features.Confirming.Challenges;

/// <summary>Approving, denying, freezing, losing and using at the same moment: exactly one outcome, and the history tells it.</summary>
[Race]
public abstract class DecisionRaceTests(TappedNodes nodes)
{
    private const int AtOnce = 50;
    private const int Rounds = 10;

    [Fact]
    public async Task Of_fifty_approvals_at_once_one_approves_and_of_fifty_uses_one_uses()
    {
        await using var promises = await TappedPromises.OnAsync(nodes);
        var challenge = await promises.OpenAsync("once");

        var approvals = await Task.WhenAll(Enumerable.Range(0, AtOnce).Select(_ => promises.ApproveAsync(challenge)));
        var uses = await Task.WhenAll(Enumerable.Range(0, AtOnce).Select(_ => promises.UseAsync(challenge)));

        Assert.Single(approvals, a => a.Succeeded);
        Assert.Single(uses, u => u.Succeeded);
        Assert.Equal((1, 1), (await promises.KeptAsync(), await promises.AuditedAsync(AuditEvents.Approved, challenge)));
    }

    [Fact]
    [Claim("D8")]
    public async Task An_approval_against_a_denial_and_a_use()
    {
        await using var promises = await TappedPromises.OnAsync(nodes);
        for (var round = 0; round < Rounds; round++)
        {
            var challenge = await promises.OpenAsync($"round {round}");
            var before = await promises.KeptAsync();

            var (approve, deny, use) = (promises.ApproveAsync(challenge), promises.DenyAsync(challenge), promises.UseAsync(challenge));
            await Task.WhenAll(approve, deny, use);
            var second = await promises.UseAsync(challenge);

            var kept = await promises.KeptAsync() - before;
            var denied = await promises.AuditedAsync(AuditEvents.Denied, challenge);
            Assert.Equal(1, kept + denied);
            Assert.Equal((await deny).Succeeded, denied == 1);
            Assert.Equal(kept == 1 ? ChallengeState.Used : ChallengeState.Denied, await promises.StoredAsync(challenge));
            Assert.Equal(kept, new[] { await use, second }.Count(u => u.Succeeded));
        }
    }

    [Fact]
    [Claim("D8")]
    [Claim("D10")]
    public async Task A_freeze_against_an_approval_and_its_use()
    {
        for (var round = 0; round < 3; round++)
        {
            await using var promises = await TappedPromises.OnAsync(nodes);
            var challenge = await promises.OpenAsync("frozen");

            await Task.WhenAll(promises.ApproveAsync(challenge), promises.UseAsync(challenge), promises.FreezeAsync());
            await promises.UseAsync(challenge);

            var kept = await promises.KeptAsync();
            Assert.Equal(kept == 1 ? ChallengeState.Used : ChallengeState.Cancelled, await promises.StoredAsync(challenge));
            Assert.Equal("challenge.ended", (await promises.UseAsync(challenge)).Code);
        }
    }

    [Fact]
    public async Task A_use_against_the_end_of_its_minute()
    {
        await using var promises = await TappedPromises.OnAsync(nodes);
        for (var round = 0; round < Rounds; round++)
        {
            var challenge = await promises.OpenAsync($"minute {round}");
            await promises.ApproveAsync(challenge);
            var before = await promises.KeptAsync();

            var uses = Enumerable.Range(0, 8).Select(_ => promises.UseAsync(challenge)).ToList();
            await nodes.AdvanceAsync(TimeSpan.FromSeconds(60));
            var answers = await Task.WhenAll(uses);

            Assert.Equal(answers.Count(a => a.Succeeded), await promises.KeptAsync() - before);
            Assert.InRange(answers.Count(a => a.Succeeded), 0, 1);
            Assert.False((await promises.UseAsync(challenge)).Succeeded);
        }
    }

    [Fact]
    [Claim("D11")]
    public async Task A_loss_report_against_a_resumption()
    {
        await using var promises = await TappedPromises.OnAsync(nodes);
        using var browser = promises.Server.Browser();
        await promises.SuspendAsync(browser);

        var (lost, resumed) = await promises.LoseAndResumeAtOnceAsync(browser);

        var device = (await promises.Server.RowsAsync<Device>(d => d.Id == promises.Device)).Single();
        var history = (await promises.Server.RowsAsync<DeviceEvent>(e => e.DeviceId == promises.Device)).Select(e => e.What).ToList();
        Assert.True(lost || resumed);
        Assert.Equal(lost ? DeviceStatus.Lost : DeviceStatus.Active, device.Status);
        Assert.Equal(
            (lost ? 1 : 0, resumed ? 1 : 0),
            (history.Count(w => w == DeviceEventKind.Lost), history.Count(w => w == DeviceEventKind.Resumed)));
    }
}

public sealed class DecisionRacesOnSqlite(TappedOnSqlite nodes) : DecisionRaceTests(nodes), IClassFixture<TappedOnSqlite>;

public sealed class DecisionRacesOnPostgresInTwoProcesses(TappedInTwoProcesses nodes)
    : DecisionRaceTests(nodes), IClassFixture<TappedInTwoProcesses>;
