using System.Text.RegularExpressions;
using Countersign.Server.Data;
using Countersign.Server.Features.Confirming.Devices;
using Countersign.Server.Features.Kinds.TextMessages;
using Countersign.Server.Features.Messaging.Messages;
using Countersign.Server.Tests.Hosting;
using Countersign.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace Countersign.Server.Tests.Telemetry;

/// <summary>What happens is counted once it is durable, and no attribute says of whom.</summary>
public abstract partial class MeasureTests(CountersignServer server)
{
    private static readonly TimeSpan Ceiling = Waiting.Ceiling;

    [Fact]
    public async Task A_sign_in_is_counted_from_the_password_to_the_session()
    {
        await using var own = await server.FreshAsync();
        using var measured = new Measured(own);
        var user = await own.UserAsync();
        using var browser = own.Browser();
        await CountersignServer.TypePasswordAsync(browser, user.Name, "not " + user.Password);
        var page = await CountersignServer.TypePasswordAsync(browser, user.Name, user.Password);
        var code = await own.CodeAsync(user);
        var again = await CountersignServer.TypeCodeAsync(browser, page, CountersignServer.WrongCode(code));

        Assert.Equal("/", (await CountersignServer.TypeCodeAsync(browser, again, code)).Path);

        // An after-effect may come a moment after the answer.
        await IsAsync(measured, "countersign.sessions.started{sms}", 1);
        await IsAsync(measured, "countersign.sign_ins{password_wrong}", 1);
        await IsAsync(measured, "countersign.sign_ins{done}", 1);
        await IsAsync(measured, "countersign.audit.events{sign_in.password_right}", 1);
        await IsAsync(measured, "countersign.challenges.opened{sign-in}", 1);
        await IsAsync(measured, "countersign.challenges.prompted{sms,sign-in}", 1);
        await IsAsync(measured, "countersign.challenges.answered{sms,wrong,sign-in}", 1);
        await IsAsync(measured, "countersign.challenges.answered{sms,right,sign-in}", 1);
        Assert.True(measured["countersign.messages.handled{sms,test,delivered}"] >= 1);
        await IsAsync(measured, "countersign.password.hashes{}", 2);
        Assert.Null(measured["countersign.sign_ins{password_right}"]);
        Assert.True(measured["countersign.messages.queued{sms}"] >= 1);
        Assert.True(measured["countersign.writer.commit.units{}"] >= 5);
        Assert.All(measured.Keys, key => Assert.DoesNotMatch(Personal(), key));
        Assert.All(measured.Keys, key => Assert.DoesNotContain(user.Name, key, StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_was_rolled_back_is_not_counted()
    {
        await using var own = await server.FreshAsync();
        using var measured = new Measured(own);
        var user = await own.UserAsync();

        await Assert.ThrowsAsync<TimeZoneNotFoundException>(() => own.QueueAndThrowAsync(user));
        await own.QueueAsync(user, 2, TimeSpan.FromHours(1), MessageChannel.Email);

        // Enrolment told the user by e-mail too.
        await IsAsync(measured, "countersign.messages.queued{email}", 3);
        Assert.Null(measured["countersign.messages.queued{voice}"]);
    }

    [Fact]
    public async Task What_waits_in_the_outbox_is_told()
    {
        // No gateway speaks: what is to be said stays.
        await using var own = await server.FreshAsync(
            ("Messages:Gateways:0:Kind", "webhook"),
            ("Messages:Gateways:0:Id", "one"),
            ("Messages:Gateways:0:Url", "https://gateway.example/"),
            ("Messages:Gateways:0:Secret", new string('s', 40)));
        using var measured = new Measured(own);
        var user = await own.UserAsync(verified: false);
        await own.QueueAsync(user, 3, TimeSpan.FromHours(1), MessageChannel.Voice);

        await Waiting.UntilAsync(
            () =>
            {
                own.Clock.Advance(TimeSpan.FromSeconds(15));
                return Task.FromResult(
                    measured["countersign.outbox.depth{notice}"] == 3 && measured["countersign.outbox.delay{notice}"] >= 15);
            },
            Ceiling);
    }

    [Fact]
    public async Task Who_waits_for_a_device_is_told()
    {
        await using var own = await server.FreshAsync();
        using var measured = new Measured(own);

        var user = await own.UserAsync();
        var (job, writer) = (own.App.Services.GetRequiredService<AutomaticEnrolment>(), own.App.Services.GetRequiredService<IWriter>());

        // The turn that finds the request tells since when it waits, the next one that none does. The job itself may be quicker.
        await Waiting.UntilAsync(
            async () =>
            {
                await writer.RunAsync(
                    (db, ct) => EnrolmentRequest.AddAsync(db, user.Id, own.Clock.GetUtcNow() - TimeSpan.FromMinutes(1), ct),
                    TestContext.Current.CancellationToken);
                await job.RunOnceAsync(TestContext.Current.CancellationToken);
                return measured["countersign.enrolment.delay{}"] == 60;
            },
            Ceiling);
        await job.RunOnceAsync(TestContext.Current.CancellationToken);
        await IsAsync(measured, "countersign.enrolment.delay{}", 0);
    }

    private static Task IsAsync(Measured measured, string key, double value) => Waiting.UntilAsync(
        () => Task.FromResult(measured[key] == value), Ceiling, $"{key} = {value}, there are: {string.Join(' ', measured.Keys)}");

    /// <summary>An id, an address or a number of a person.</summary>
    [GeneratedRegex(@"[0-9a-f]{8}-[0-9a-f]{4}|@|[0-9]{5}|\d+\.\d+\.\d+")]
    private static partial Regex Personal();
}

public sealed class MeasuresOnSqlite(OnSqlite server) : MeasureTests(server);

public sealed class MeasuresOnPostgres(OnPostgres server) : MeasureTests(server);
