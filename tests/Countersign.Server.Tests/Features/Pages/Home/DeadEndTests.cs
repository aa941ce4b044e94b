using System.Net;
using System.Text;
using Countersign.Server.Features.Confirming.Devices;
using Countersign.Server.Features.Registry.Users;
using Countersign.Server.Tests.Hosting;
using Countersign.Testing;
using Microsoft.EntityFrameworkCore;

namespace Countersign.Server.Tests.Features.Pages.Home;

/// <summary>Where nothing goes on by itself, a link leads to people (S22), and it leads there even if nothing else is allowed.</summary>
public abstract class DeadEndTests(CountersignServer server)
{
    private static readonly int[] Statuses = [400, 403, 404, 405, 413, 429, 500, 503];

    [Fact]
    public async Task Every_error_page_leads_to_people()
    {
        using var stranger = server.Browser();
        using var client = server.Browser();
        await server.SignInAsync(client, await server.UserAsync());

        foreach (var status in Statuses)
        {
            await AssertLeadsToPeopleAsync(stranger, await stranger.GetAsync($"/error/{status}"), (HttpStatusCode)status);
        }

        await AssertLeadsToPeopleAsync(
            stranger, await stranger.PostAsync("/sign-in", new Dictionary<string, string>()), HttpStatusCode.BadRequest);
        await AssertLeadsToPeopleAsync(client, await client.GetAsync("/nowhere"), HttpStatusCode.NotFound);
        await AssertLeadsToPeopleAsync(stranger, await stranger.GetAsync("/help/nowhere"), HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Every_refused_sign_in_leads_to_people()
    {
        var (user, without) = (await server.UserAsync(), await server.UserAsync());
        await RevokeDevicesAsync(without);
        using var browser = server.Browser();
        using var other = server.Browser();

        await AssertLeadsToPeopleAsync(
            other, await CountersignServer.TypePasswordAsync(other, without.Name, without.Password), HttpStatusCode.Forbidden);
        for (var i = 0; i < 10; i++)
        {
            await AssertLeadsToPeopleAsync(
                browser,
                await CountersignServer.TypePasswordAsync(browser, user.Name, "not the password"),
                HttpStatusCode.UnprocessableEntity);
        }

        await AssertLeadsToPeopleAsync(
            browser, await CountersignServer.TypePasswordAsync(browser, user.Name, user.Password), HttpStatusCode.TooManyRequests);
    }

    [Fact]
    public async Task The_page_that_helps_with_signing_in_leads_to_people()
    {
        using var browser = server.Browser();
        var trouble = (await browser.GetAsync("/sign-in")).Document.QuerySelector(".focus__aside a")!.GetAttribute("href")!;

        await AssertLeadsToPeopleAsync(browser, await browser.GetAsync(trouble), HttpStatusCode.OK);
    }

    [Fact]
    public async Task Every_step_of_a_challenge_leads_to_people()
    {
        var user = await server.UserAsync();
        await AddDeviceAsync(user);
        using var browser = server.Browser();
        var picker = await CountersignServer.TypePasswordAsync(browser, user.Name, user.Password);
        Assert.NotNull(picker.Document.QuerySelector(".picker"));
        await AssertLeadsToPeopleAsync(browser, picker, HttpStatusCode.OK);

        var page = await browser.SubmitAsync(picker, "device", new Dictionary<string, string>());
        var code = await server.CodeAsync(user);
        await AssertLeadsToPeopleAsync(browser, page, HttpStatusCode.OK);
        for (var i = 0; i < 5; i++)
        {
            page = await CountersignServer.PressAsync(
                browser, page, "answer", ("prompt", "1"), ("code", CountersignServer.WrongCode(code, i)));
        }

        await AssertLeadsToPeopleAsync(browser, page, HttpStatusCode.Conflict);
        await AssertLeadsToPeopleAsync(browser, await browser.GetAsync("/sign-in/nothing"), HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task A_forced_change_of_the_password_leaves_help_and_people_open()
    {
        var user = await server.UserAsync();
        using var browser = server.Browser();
        await server.SignInAsync(browser, user);
        await server.WriteAsync((db, ct) =>
            db.Set<User>().Where(u => u.Id == user.Id).ExecuteUpdateAsync(set => set.SetProperty(u => u.MustChangePassword, true), ct));

        var forced = await browser.GetAsync("/");

        Assert.Equal("/settings/password", forced.Path);
        await AssertLeadsToPeopleAsync(browser, forced, HttpStatusCode.OK);
        foreach (var path in new[] { "/help/password", "/help/feed", "/regulations" })
        {
            Assert.Equal(path, (await browser.GetAsync(path)).Path);
        }
    }

    [Fact]
    public async Task A_client_without_a_device_is_led_to_people()
    {
        var user = await server.UserAsync();
        using var browser = server.Browser();
        await server.SignInAsync(browser, user);
        await RevokeDevicesAsync(user);

        await AssertLeadsToPeopleAsync(browser, await browser.GetAsync("/settings/security"), HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_number_that_is_not_taken_leads_to_people_in_the_settings_and_in_the_application()
    {
        using var client = server.Browser();
        await server.SignInAsync(client, await server.UserAsync());
        var refused = await client.SubmitAsync(await client.GetAsync("/settings/numbers"), "tel", new Dictionary<string, string>
        {
            ["tel"] = "2123 4567",
            ["country"] = "HK",
        });
        await AssertLeadsToPeopleAsync(client, refused, HttpStatusCode.UnprocessableEntity);

        using var person = server.Applicant();
        await AssertLeadsToPeopleAsync(person.Browser, await person.Browser.GetAsync("/apply"), HttpStatusCode.OK);
        await AssertLeadsToPeopleAsync(person.Browser, await person.BeginAsync("x"), HttpStatusCode.UnprocessableEntity);
        await person.BeginAndConfirmEmailAsync();
        await AssertLeadsToPeopleAsync(person.Browser, await person.StatusAsync(), HttpStatusCode.OK);
        await AssertLeadsToPeopleAsync(
            person.Browser, await person.SendNumberAsync(typed: "2123 4567"), HttpStatusCode.UnprocessableEntity);
    }

    /// <summary>No link into the one page that help once was is left over: a browser would stay at its top without a word.</summary>
    [Fact]
    public void No_source_links_into_the_old_help_page()
    {
        var folder = Path.Combine(Repository.Root, "src", "Countersign.Server");
        var sources = Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
            .Where(f => Path.GetExtension(f) is ".cs" or ".cshtml" or ".resx" or ".js" or ".md").ToList();

        Assert.NotEmpty(sources);
        Assert.DoesNotContain(sources, f => File.ReadAllText(f).Contains("/help#", StringComparison.Ordinal));
    }

    private static async Task AssertLeadsToPeopleAsync(TestBrowser browser, TestPage page, HttpStatusCode status)
    {
        Assert.Equal(status, page.Status);
        var link = page.Document.QuerySelector("main a[href^='/client-services']")?.GetAttribute("href");
        Assert.True(link is not null, $"{page.Path} ({(int)page.Status}) is a dead end.");
        var people = await browser.GetAsync(link);
        Assert.Equal((HttpStatusCode.OK, "/client-services"), (people.Status, people.Path));
    }

    private Task RevokeDevicesAsync(TestUser user) => server.WriteAsync(
        (db, ct) => db.Set<Device>().Where(d => d.UserId == user.Id).ExecuteUpdateAsync(
            set => set.SetProperty(d => d.Status, DeviceStatus.Revoked), ct));

    private Task AddDeviceAsync(TestUser user) => server.WriteAsync(async (db, ct) =>
    {
        var first = await db.Set<Device>().AsNoTracking().SingleAsync(d => d.UserId == user.Id, ct);
        var (id, credential) = (Guid.CreateVersion7(server.Clock.GetUtcNow()), Guid.CreateVersion7(server.Clock.GetUtcNow()));
        db.Add(new Credential
        {
            OwnerId = user.Id,
            Id = credential,
            Kind = first.Kind,
            Serial = credential.ToString("N"),
            Status = CredentialStatus.Held,
            State = server.Protection.Protect(Credential.StateColumn, user.Id, credential, Encoding.UTF8.GetBytes(user.Mobile)),
            CreatedAt = first.CreatedAt,
        });
        db.Add(new Device
        {
            UserId = user.Id,
            Id = id,
            Kind = first.Kind,
            CredentialOwner = user.Id,
            CredentialId = credential,
            Label = first.Label,
            Status = DeviceStatus.Active,
            Tier = first.Tier,
            CreatedAt = first.CreatedAt,
            ActivatedAt = first.ActivatedAt,
        });
        return true;
    });
}

public sealed class DeadEndsOnSqlite(OnSqlite server) : DeadEndTests(server);

public sealed class DeadEndsOnPostgres(OnPostgres server) : DeadEndTests(server);
