using Countersign.Server.Features.Audit;
using Countersign.Server.Features.Devices;
using Countersign.Server.Tests.Hosting;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Countersign.Server.Tests.Features.Audit;

public abstract class AuditTests(CountersignServer server)
{
    [Fact]
    public async Task Each_event_of_a_sign_in_is_written_once_with_a_genuine_mac_and_no_secret()
    {
        var user = await server.UserAsync();
        using var browser = server.Browser();
        await CountersignServer.TypePasswordAsync(browser, user.Name, "not the password");
        await server.SignInAsync(browser, user);
        var trail = server.App.Services.GetRequiredService<AuditTrail>();

        var rows = await server.RowsAsync<AuditEvent>(e => e.UserId == user.Id);

        Assert.Equal(["challenge.prompted", "device.enrolled", "sign_in.done", "sign_in.password_right", "sign_in.password_wrong"], rows.Select(r => r.Event).Order());
        Assert.All(rows, row =>
        {
            Assert.True(trail.IsGenuine(row));
            Assert.All([user.Password, user.Mobile, .. server.Codes(user)], secret => Assert.DoesNotContain(secret, row.Details, StringComparison.Ordinal));
        });
    }

    [Fact]
    public async Task A_changed_row_is_found()
    {
        var user = await server.UserAsync();
        await server.WriteAsync((db, ct) => db.Set<AuditEvent>().Where(e => e.UserId == user.Id).ExecuteUpdateAsync(s => s.SetProperty(e => e.Source, "elsewhere"), ct), TestContext.Current.CancellationToken);

        Assert.All(await server.RowsAsync<AuditEvent>(e => e.UserId == user.Id), row => Assert.False(server.App.Services.GetRequiredService<AuditTrail>().IsGenuine(row)));
    }

    [Fact]
    public async Task Two_jobs_at_once_enrol_a_user_once_and_tell_once()
    {
        var user = await server.UserAsync(verified: true);
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => server.EnrolAsync()));

        Assert.Single(await server.RowsAsync<Device>(d => d.UserId == user.Id));
        await server.EmailAsync(user, "by SMS");
        Assert.Single(await server.RowsAsync<AuditEvent>(e => e.UserId == user.Id && e.Event == "device.enrolled"));
    }

    [Fact]
    public async Task Who_has_no_verified_number_gets_no_device_and_is_told_what_to_do()
    {
        var user = await server.UserAsync(verified: false);
        using var browser = server.Browser();

        var page = await CountersignServer.TypePasswordAsync(browser, user.Name, user.Password);

        Assert.Equal(System.Net.HttpStatusCode.Forbidden, page.Status);
        Assert.Contains("client services", page.Text, StringComparison.Ordinal);
        Assert.Empty(await server.RowsAsync<Device>(d => d.UserId == user.Id));
    }
}

public sealed class AuditOnSqlite(OnSqlite server) : AuditTests(server);

public sealed class AuditOnPostgres(OnPostgres server) : AuditTests(server);
