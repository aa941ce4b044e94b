using Countersign.Server.Features.Ground.Jurisdictions;
using Countersign.Server.Features.Registry.Users;
using Countersign.Server.Tests.Hosting;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Countersign.Server.Tests.Features.Ground.Jurisdictions;

/// <summary>The law that a user lives under is read from the user's row.</summary>
public abstract class RegimeTests(CountersignServer server)
{
    [Fact]
    public async Task A_user_lives_under_the_default_until_another_is_stored()
    {
        var user = await server.UserAsync();

        Assert.Equal(Regime.DefaultId, Assert.Single(await server.RowsAsync<User>(u => u.Id == user.Id)).RegimeId);
        await using var db = server.Reader();
        var view = await server.App.Services.GetRequiredService<UserViews>().FindAsync(db, user.Id, TestContext.Current.CancellationToken);
        Assert.Equal(Regime.DefaultId, view!.Regime.Id);
    }

    /// <summary>A wrong word in the database neither locks a user out nor frees him from the rules.</summary>
    [Fact]
    public async Task Who_has_a_regime_that_is_not_known_is_held_to_the_default()
    {
        var user = await server.UserAsync();
        await server.WriteAsync(
            (db, ct) =>
                db.Set<User>().Where(u => u.Id == user.Id).ExecuteUpdateAsync(set => set.SetProperty(u => u.RegimeId, "atlantis"), ct));
        using var browser = server.Browser();

        Assert.Equal("/", (await server.SignInAsync(browser, user)).Path);
        Assert.Equal("/settings/security", (await browser.GetAsync("/settings/security")).Path);
        var book = server.App.Services.GetRequiredService<RegimeBook>();
        Assert.Same(book.Default, book.Of("atlantis"));
    }
}

public sealed class RegimeOnSqlite(OnSqlite server) : RegimeTests(server);

public sealed class RegimeOnPostgres(OnPostgres server) : RegimeTests(server);
