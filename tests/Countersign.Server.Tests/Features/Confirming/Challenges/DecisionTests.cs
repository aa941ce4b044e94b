using System.Net;
using System.Text;
using System.Text.Json;
using Countersign.SampleKind.Promising;
using Countersign.SampleKind.Tapping;
using Countersign.Server.Features.Confirming.Challenges;
using Countersign.Server.Features.Confirming.Devices;
using Countersign.Server.Features.Ground.Audit;
using Countersign.Server.Tests.Guards;
using Countersign.Server.Tests.Hosting;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Countersign.Server.Tests.Features.Confirming.Challenges;

/// <summary>Approving and using are two acts: whoever holds the device approves, the opener uses, each once (D8).</summary>
public abstract class DecisionTests(CountersignServer server)
{
    [Fact]
    public async Task What_a_program_approves_the_opener_uses_once()
    {
        await using var promises = await TappedPromises.NewAsync(server);
        var challenge = await promises.OpenAsync("one");
        Assert.Equal("challenge.not_approved", (await promises.UseAsync(challenge)).Code);

        Assert.True((await promises.ApproveAsync(challenge)).Succeeded);
        Assert.Equal("approved", (await promises.StateAsync(challenge)).Text("state"));
        Assert.Equal("challenge.ended", (await promises.ApproveAsync(challenge)).Code);
        Assert.True((await promises.UseAsync(challenge)).Succeeded);

        Assert.Equal("challenge.ended", (await promises.UseAsync(challenge)).Code);
        Assert.Equal((1, 1), (await promises.KeptAsync(), await promises.AuditedAsync(AuditEvents.Approved, challenge)));
    }

    [Fact]
    public async Task An_approval_is_good_for_a_minute()
    {
        await using var promises = await TappedPromises.NewAsync(server);
        var challenge = await promises.OpenAsync("late");
        await promises.ApproveAsync(challenge);

        promises.Server.Clock.Advance(TimeSpan.FromSeconds(61));

        Assert.Equal("challenge.expired", (await promises.UseAsync(challenge)).Code);
        Assert.Equal("challenge.expired", (await promises.UseAsync(challenge)).Code);
        Assert.Equal((0, 1), (await promises.KeptAsync(), await promises.AuditedAsync(AuditEvents.Lapsed, challenge)));
    }

    [Fact]
    public async Task A_prompt_ends_before_its_challenge_which_can_be_asked_again()
    {
        await using var promises = await TappedPromises.NewAsync(server);
        var challenge = await promises.OpenAsync("slow");

        promises.Server.Clock.Advance(TimeSpan.FromSeconds(181));

        Assert.Empty(await promises.WaitingAsync());
        Assert.Equal("challenge.other_prompt", (await promises.ApproveAsync(challenge)).Code);
        Assert.Equal("pending", (await promises.StateAsync(challenge)).Text("state"));
        Assert.True((await promises.ChooseAsync(challenge, promises.Device)).Succeeded);
        Assert.True((await promises.ApproveAsync(challenge, prompt: 2)).Succeeded);
        Assert.True((await promises.UseAsync(challenge)).Succeeded);
    }

    [Fact]
    [Claim("D8")]
    public async Task A_denial_wins_until_the_approval_is_used()
    {
        await using var promises = await TappedPromises.NewAsync(server);
        var (denied, used) = (await promises.OpenAsync("no"), await promises.OpenAsync("yes"));
        await promises.ApproveAsync(denied);
        await promises.ApproveAsync(used);
        await promises.UseAsync(used);

        Assert.True((await promises.DenyAsync(denied)).Succeeded);
        Assert.Equal("challenge.ended", (await promises.DenyAsync(used)).Code);

        Assert.Equal("challenge.denied", (await promises.UseAsync(denied)).Code);
        Assert.Equal((ChallengeState.Denied, ChallengeState.Used), (await promises.StoredAsync(denied), await promises.StoredAsync(used)));
        Assert.Equal((1, 1), (await promises.KeptAsync(), await promises.AuditedAsync(AuditEvents.Denied, denied)));
    }

    [Fact]
    public async Task Several_requests_wait_in_a_list_and_none_cancels_another()
    {
        await using var promises = await TappedPromises.NewAsync(server);
        await promises.OpenAsync("first");
        await promises.OpenAsync("second");
        await promises.OpenAsync("third");

        var waiting = await promises.WaitingAsync();

        Assert.Equal(3, waiting.Count);
        Assert.All(waiting, w => Assert.Contains("Keep the promise", w.Statement, StringComparison.Ordinal));
        Assert.True((await promises.ApproveAsync(waiting[1])).Succeeded);
        Assert.Equal(2, (await promises.WaitingAsync()).Count);
    }

    [Fact]
    [Claim("D8")]
    public async Task Nobody_but_the_holder_approves_and_nobody_but_the_opener_uses()
    {
        await using var promises = await TappedPromises.NewAsync(server);
        var challenge = await promises.OpenAsync("mine");
        using var stranger = promises.Server.Program();
        var asked = new { User = promises.User.Id, Challenge = challenge, Prompt = 1 };

        Assert.Equal(HttpStatusCode.NotFound, (await stranger.PostAsync("/tapping/approvals", asked)).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await promises.Opener.PostAsync("/tapping/approvals", asked)).Status);
        Assert.True((await promises.ApproveAsync(challenge)).Succeeded);
        Assert.Equal("challenge.missing", (await stranger.PostAsync("/promises/uses", asked)).Code);
        Assert.Equal("challenge.missing", (await promises.Tapper.PostAsync("/promises/uses", asked)).Code);
        Assert.Equal(0, await promises.KeptAsync());
    }

    [Fact]
    [Claim("D9")]
    public async Task A_wrong_response_of_the_program_is_charged_like_any()
    {
        await using var promises = await TappedPromises.NewAsync(server);
        var challenge = await promises.OpenAsync("wrong");

        for (var i = 0; i < 4; i++)
        {
            Assert.Equal("challenge.wrong", (await promises.ApproveAsync(challenge, response: TappingKind.Fumbles)).Code);
        }

        Assert.Equal("challenge.failed", (await promises.ApproveAsync(challenge, response: TappingKind.Fumbles)).Code);
        Assert.Equal("challenge.failed", (await promises.ApproveAsync(challenge)).Code);
        Assert.Equal(5, await promises.Server.TriesAsync(promises.Device));
    }

    /// <summary>Where who may agree is frozen at the opening, this passes: the device is lost between approval and use.</summary>
    [Fact]
    [Claim("D8")]
    public async Task A_device_lost_while_its_challenge_is_approved_and_not_used_is_refused_at_use()
    {
        await using var promises = await TappedPromises.NewAsync(server);
        var challenge = await promises.OpenAsync("lost");
        await promises.ApproveAsync(challenge);
        using var browser = promises.Server.Browser();
        await promises.LoseAsync(browser);

        var used = await promises.UseAsync(challenge);

        Assert.Equal("challenge.ended", used.Code);
        Assert.Equal((ChallengeState.Cancelled, 0), (await promises.StoredAsync(challenge), await promises.KeptAsync()));
    }

    /// <summary>The same where only the row says so: the unit that uses looks at the device itself.</summary>
    [Fact]
    public async Task A_device_that_is_no_longer_active_is_refused_at_use_whoever_ended_it()
    {
        await using var promises = await TappedPromises.NewAsync(server);
        var challenge = await promises.OpenAsync("gone");
        await promises.ApproveAsync(challenge);
        await promises.Server.WriteAsync(
            (db, ct) => db.Set<Device>().Where(d => d.Id == promises.Device).ExecuteUpdateAsync(
                set => set.SetProperty(d => d.Status, DeviceStatus.Suspended), ct));

        Assert.Equal("challenge.device_unavailable", (await promises.UseAsync(challenge)).Code);
        Assert.Equal(0, await promises.KeptAsync());
    }

    [Fact]
    [Claim("D8")]
    public async Task A_solemn_promise_takes_the_strongest_trusted_device_when_it_is_offered_and_when_it_is_used()
    {
        await using var promises = await TappedPromises.NewAsync(server);
        var sms = (await promises.Server.DeviceAsync(promises.User, "sms")).Id;
        promises.Server.Clock.Advance(TimeSpan.FromHours(25));

        var refused = await promises.Opener.PostAsync("/promises", new { User = promises.User.Id, What = "solemn", Solemn = true });
        var weak = await promises.ChooseAsync(refused.Text("challenge"), sms);
        var strong = await promises.OpenAsync("solemn too", solemn: true);
        await promises.ApproveAsync(strong);

        Assert.Equal("challenge.not_strongest", weak.Code);
        Assert.True((await promises.UseAsync(strong)).Succeeded);

        // Approved by what was the strongest then: not any more when it is used.
        var overtaken = await promises.OpenAsync("overtaken", solemn: true);
        await promises.ApproveAsync(overtaken);
        await promises.MakeStrongerAsync();
        Assert.Equal("challenge.not_strongest", (await promises.UseAsync(overtaken)).Code);
        Assert.Equal(1, await promises.KeptAsync());
    }

    [Fact]
    public async Task What_was_added_a_moment_ago_agrees_to_nothing_solemn_where_something_is_trusted()
    {
        await using var promises = await TappedPromises.NewAsync(server);
        await promises.TrustAsync("sms");

        var opened = await promises.Opener.PostAsync("/promises", new { User = promises.User.Id, What = "solemn", Solemn = true });

        Assert.Equal("device.too_new_yet", (await promises.ChooseAsync(opened.Text("challenge"), promises.Device)).Code);
    }

    [Fact]
    [Claim("D7")]
    public async Task What_must_be_shown_takes_a_device_that_shows_it()
    {
        await using var promises = await TappedPromises.NewAsync(server);
        using var browser = promises.Server.Browser();
        await promises.SignInBySmsAsync(browser);
        var app = await promises.AddAppAsync(browser);

        var opened = await promises.Opener.PostAsync("/promises", new { User = promises.User.Id, What = "shown", Shown = true });

        Assert.Equal("challenge.not_shown", (await promises.ChooseAsync(opened.Text("challenge"), app.Id)).Code);
        Assert.True((await promises.ChooseAsync(opened.Text("challenge"), promises.Device)).Succeeded);
    }

    /// <summary>
    /// An application opens for a user; a session of that user adopts, and only its browser goes on. The application reads the
    /// state.
    /// </summary>
    [Fact]
    public async Task What_an_application_opened_is_adopted_once_and_used_by_the_session_alone()
    {
        await using var promises = await TappedPromises.NewAsync(server);
        var services = promises.Server.App.Services;
        var (application, browser) =
            (Opener.Application("cashier", "198.51.100.7"), Opener.Browser([1, 2, 3], "198.51.100.8", Opener.KnownBySession));
        var (adopt, purpose) = (services.GetRequiredService<AdoptChallenge>(), services.GetRequiredService<PromisePurpose>());
        var change = services.GetRequiredService<ChangeChallenge>();
        var handle = await promises.OpenByAsync(application, "paid");

        Assert.Equal(
            ChallengeErrors.Missing, await change.ChooseAsync(purpose, handle, application, promises.Device, CancellationToken.None));
        Assert.Equal(ChallengeErrors.Missing, await change.ChooseAsync(purpose, handle, browser, promises.Device, CancellationToken.None));
        Assert.Equal(ChallengeErrors.Missing, await adopt.RunAsync(handle, Guid.Empty, browser, CancellationToken.None));
        Assert.Null(await adopt.RunAsync(handle, promises.User.Id, browser, CancellationToken.None));
        Assert.Null(await adopt.RunAsync(handle, promises.User.Id, browser, CancellationToken.None));
        var thief = Opener.Browser([9], "198.51.100.9", null);
        Assert.Equal(ChallengeErrors.Missing, await adopt.RunAsync(handle, promises.User.Id, thief, CancellationToken.None));
        Assert.Null(await change.ChooseAsync(purpose, handle, browser, promises.Device, CancellationToken.None));
        Assert.True((await promises.ApproveAsync(handle.ToString())).Succeeded);

        var answer = services.GetRequiredService<AnswerChallenge>();
        Assert.IsType<Answered<PromiseSubject, Guid>.Refused>(await answer.UseAsync(purpose, handle, application, CancellationToken.None));
        Assert.Equal(
            "approved", (await services.GetRequiredService<StatusReader>().ReadAsync(handle, application, CancellationToken.None))!.State);
        Assert.IsType<Answered<PromiseSubject, Guid>.Completed>(await answer.UseAsync(purpose, handle, browser, CancellationToken.None));
        Assert.Equal(1, await promises.KeptAsync());
    }

    [Fact]
    [Claim("D20")]
    public async Task A_proof_is_good_for_one_request_its_body_and_its_address()
    {
        await using var promises = await TappedPromises.NewAsync(server);
        var challenge = await promises.OpenAsync("proof");
        await promises.ApproveAsync(challenge);
        var body = JsonSerializer.SerializeToUtf8Bytes(new { user = promises.User.Id, challenge });
        var other = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(body) + " ");
        await promises.StateAsync(challenge);

        Assert.Equal("dpop.invalid_proof", (await promises.Opener.SendAsync("/promises/uses", body, proof: null)).Code);
        Assert.Equal(
            "dpop.invalid_proof",
            (await promises.Opener.SendAsync("/promises/uses", body, promises.Opener.Proof("/promises/states", body))).Code);
        Assert.Equal(
            "dpop.invalid_proof",
            (await promises.Opener.SendAsync("/promises/uses", other, promises.Opener.Proof("/promises/uses", body))).Code);
        var proof = promises.Opener.Proof("/promises/uses", body);
        Assert.True((await promises.Opener.SendAsync("/promises/uses", body, proof)).Succeeded);
        Assert.Equal("dpop.invalid_proof", (await promises.Opener.SendAsync("/promises/uses", body, proof)).Code);
        Assert.Equal(1, await promises.KeptAsync());
    }
}

public sealed class DecisionsOnSqlite(OnSqlite server) : DecisionTests(server);

public sealed class DecisionsOnPostgres(OnPostgres server) : DecisionTests(server);
