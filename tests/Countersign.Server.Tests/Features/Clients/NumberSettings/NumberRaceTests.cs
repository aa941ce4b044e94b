using System.Net;
using Countersign.Server.Features.Confirming.Devices;
using Countersign.Server.Features.Registry.PhoneNumbers;
using Countersign.Server.Tests.Hosting;
using Countersign.Testing;
using Microsoft.EntityFrameworkCore;

namespace Countersign.Server.Tests.Features.Clients.NumberSettings;

/// <summary>
/// Two changes of numbers that were begun before either was agreed to: what was true when they were asked for need not be when they
/// are carried out.
/// </summary>
[Race]
public abstract class NumberRaceTests(CountersignServer server)
{
    private const string Page = "/settings/numbers";
    private const int Rounds = 4;

    [Fact]
    public async Task The_same_number_agreed_to_twice_is_refused_with_the_reason_and_there_once()
    {
        var user = await server.UserAsync();
        using var browser = await SignedInAsync(server, user);
        var (mobile, had) = (CountersignServer.NewMobile(), server.Codes(user).Count);
        var add = await AddAsync(browser, mobile);
        await server.CodeAsync(user, had + 1);
        await server.LetMessagesGoAsync(user);
        var form = await browser.GetAsync($"{Page}?replace={(await NumbersAsync(server, user))[0].Id}");
        var replace = await browser.SubmitAsync(form, "tel", new Dictionary<string, string> { ["tel"] = mobile });

        var second = await server.CodeAsync(user, had + 2);
        await CountersignServer.TypeCodeAsync(browser, add, server.Codes(user)[had]);
        var refused = await CountersignServer.TypeCodeAsync(browser, replace, second);

        Assert.Equal(HttpStatusCode.UnprocessableEntity, refused.Status);
        Assert.Contains("in your list already", refused.Text, StringComparison.Ordinal);
        Assert.Equal(mobile, Assert.Single(await NumbersAsync(server, user), n => n.VerifiedAt is null).E164);
    }

    [Fact]
    public async Task Of_two_who_agree_to_the_same_number_at_once_one_adds_it()
    {
        for (var round = 0; round < Rounds; round++)
        {
            await using var two = await TwoAsync(server);
            var mobile = CountersignServer.NewMobile();

            var answers = await two.AtOnceAsync(AddAsync(two.First, mobile), AddAsync(two.Second, mobile));

            Assert.Equal([HttpStatusCode.OK, HttpStatusCode.UnprocessableEntity], answers.Order());
            Assert.Single(await NumbersAsync(server, two.User), n => n.E164 == mobile);
        }
    }

    [Fact]
    public async Task Two_at_once_do_not_pass_the_most_numbers()
    {
        await using var own = await server.FreshAsync(("PhoneNumbers:MostNumbers", "3"));
        for (var round = 0; round < Rounds; round++)
        {
            await using var two = await TwoAsync(own);

            var answers = await two.AtOnceAsync(
                AddAsync(two.First, CountersignServer.NewMobile()), AddAsync(two.Second, CountersignServer.NewMobile()));

            Assert.Equal([HttpStatusCode.OK, HttpStatusCode.Conflict], answers.Order());
            Assert.Equal(3, (await NumbersAsync(own, two.User)).Count);
        }
    }

    [Fact]
    public async Task Of_two_who_remove_the_last_two_numbers_at_once_one_is_left_with_a_number()
    {
        for (var round = 0; round < Rounds; round++)
        {
            await using var two = await TwoAsync(server);
            var numbers = await NumbersAsync(server, two.User);

            var answers = await two.AtOnceAsync(
                RemoveAsync(two.First, numbers.Single(n => n.E164 == two.User.Mobile).Id),
                RemoveAsync(two.Second, numbers.Single(n => n.E164 == two.Mobile).Id));

            Assert.Equal([HttpStatusCode.OK, HttpStatusCode.Conflict], answers.Order());
            Assert.Single(await NumbersAsync(server, two.User));
            Assert.Single(await server.RowsAsync<Device>(d => d.UserId == two.User.Id && d.Status == DeviceStatus.Active));
        }
    }

    /// <summary>
    /// A user in two browsers, with two numbers and a phone that answers for each: neither unit waits for the other at the device.
    /// </summary>
    private static async Task<Two> TwoAsync(CountersignServer server)
    {
        var user = await server.UserAsync();
        var (first, second) = (await SignedInAsync(server, user), await SignedInAsync(server, user));
        var mobile = CountersignServer.NewMobile();
        await server.AddVerifiedNumberAsync(user, mobile);
        await server.LetMessagesGoAsync(user);
        var had = server.Codes(user).Count;
        var prefer = await CountersignServer.PressAsync(first, await first.GetAsync(
            Page), "Prefer", ("number", (await NumbersAsync(server, user)).Single(n => n.E164 == mobile).Id.ToString()));
        await CountersignServer.TypeCodeAsync(first, prefer, await server.CodeAsync(user, had + 1));
        await server.WriteAsync((db, ct) => db.Set<Device>().Where(d => d.UserId == user.Id).ExecuteUpdateAsync(
            set => set.SetProperty(d => d.Status, DeviceStatus.Active).SetProperty(d => d.EndedAt, (DateTimeOffset?)null), ct));
        await server.LetMessagesGoAsync(user);
        return new Two(server, user, mobile, first, second);
    }

    private static async Task<TestBrowser> SignedInAsync(CountersignServer server, TestUser user)
    {
        var browser = server.Browser();
        await server.LetMessagesGoAsync(user);
        await server.SignInAsync(browser, user);
        await server.LetMessagesGoAsync(user);
        return browser;
    }

    private static async Task<TestPage> AddAsync(TestBrowser browser, string mobile) =>
        await browser.SubmitAsync(
            await browser.GetAsync(Page), "tel", new Dictionary<string, string> { ["tel"] = mobile, ["country"] = "HK" });

    private static async Task<TestPage> RemoveAsync(TestBrowser browser, Guid number) =>
        await CountersignServer.PressAsync(browser, await browser.GetAsync(Page), "Remove", ("number", number.ToString()));

    private static async Task<IReadOnlyList<PhoneNumber>> NumbersAsync(CountersignServer server, TestUser user) =>
        [.. (await server.RowsAsync<PhoneNumber>(n => n.UserId == user.Id && n.RemovedAt == null)).OrderBy(n => n.AddedAt).ThenBy(
            n => n.Id)];

    /// <summary>The first browser agrees with the user's first phone, the second with the other one.</summary>
    private sealed record Two(
        CountersignServer Server, TestUser User, string Mobile, TestBrowser First, TestBrowser Second) : IAsyncDisposable
    {
        public async Task<IReadOnlyList<HttpStatusCode>> AtOnceAsync(Task<TestPage> first, Task<TestPage> second)
        {
            var (one, other) = (await ChooseAsync(First, await first, User.Mobile), await ChooseAsync(Second, await second, Mobile));
            var answers = await Task.WhenAll(
                CountersignServer.TypeCodeAsync(First, one.Page, one.Code),
                CountersignServer.TypeCodeAsync(Second, other.Page, other.Code));
            return [.. answers.Select(a => a.Status)];
        }

        public ValueTask DisposeAsync()
        {
            First.Dispose();
            Second.Dispose();
            return ValueTask.CompletedTask;
        }

        private async Task<(TestPage Page, string Code)> ChooseAsync(TestBrowser browser, TestPage page, string mobile)
        {
            var serial = (await Server.RowsAsync<PhoneNumber>(n => n.UserId == User.Id && n.E164 == mobile)).Single().Id.ToString("N");
            var device = (await Server.DevicesOfAsync(User, serial))[^1];
            var had = Server.Sms.To(mobile).Count;
            var chosen = await CountersignServer.ChooseAsync(browser, page, device.Id);
            return (chosen, await Server.NextCodeToAsync(mobile, had));
        }
    }
}

public sealed class NumberRacesOnSqlite(OnSqlite server) : NumberRaceTests(server);

public sealed class NumberRacesOnPostgres(OnPostgres server) : NumberRaceTests(server);
