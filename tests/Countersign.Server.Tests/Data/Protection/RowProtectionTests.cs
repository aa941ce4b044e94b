using System.Net;
using System.Security.Cryptography;
using Countersign.Server.Features.Devices;
using Countersign.Server.Tests.Hosting;
using Microsoft.EntityFrameworkCore;

namespace Countersign.Server.Tests.Data.Protection;

/// <summary>A secret opens in its own row and column and nowhere else (D28).</summary>
public abstract class RowProtectionTests(CountersignServer server)
{
    private static readonly Guid Owner = new("01a20cc8-0000-7000-8000-000000000001");
    private static readonly Guid Other = new("01a20cc8-0000-7000-8000-000000000002");

    [Fact]
    public void A_secret_moved_to_another_row_owner_or_column_does_not_open()
    {
        byte[] secret = [1, 2, 3];
        var closed = server.Protection.Protect("devices.state", Owner, Other, secret);

        Assert.Equal(secret, server.Protection.Unprotect("devices.state", Owner, Other, closed));
        Assert.ThrowsAny<CryptographicException>(() => server.Protection.Unprotect("challenges.prompts", Owner, Other, closed));
        Assert.ThrowsAny<CryptographicException>(() => server.Protection.Unprotect("devices.state", Owner, Owner, closed));
        Assert.ThrowsAny<CryptographicException>(() => server.Protection.Unprotect("devices.state", Other, Other, closed));
        Assert.ThrowsAny<CryptographicException>(() => server.Protection.Unprotect("devices.state", Other, Owner, closed));
    }

    [Fact]
    public void A_changed_secret_does_not_open()
    {
        var closed = server.Protection.Protect("devices.state", Owner, Other, [1, 2, 3]);
        for (var i = 0; i < closed.Length; i++)
        {
            byte[] changed = [.. closed];
            changed[i] ^= 1;
            Assert.ThrowsAny<CryptographicException>(() => server.Protection.Unprotect("devices.state", Owner, Other, changed));
        }
    }

    [Fact]
    public async Task Who_copies_his_number_over_anothers_in_the_database_gets_no_code()
    {
        var (victim, thief) = (await server.UserAsync(), await server.UserAsync());
        var own = Assert.Single(await server.RowsAsync<Device>(d => d.UserId == thief.Id)).State;
        await server.WriteAsync(
            (db, ct) => db.Set<Device>().Where(d => d.UserId == victim.Id).ExecuteUpdateAsync(set => set.SetProperty(d => d.State, own), ct));
        using var browser = server.Browser();

        var page = await CountersignServer.TypePasswordAsync(browser, victim.Name, victim.Password);

        Assert.Equal(HttpStatusCode.InternalServerError, page.Status);
        Assert.Empty(server.Codes(thief));
        Assert.DoesNotContain(await server.RowsAsync<Countersign.Server.Features.Messages.Message>(m => m.UserId == victim.Id), m => m.ChallengeId is not null);
    }
}

public sealed class RowProtectionOnSqlite(OnSqlite server) : RowProtectionTests(server);

public sealed class RowProtectionOnPostgres(OnPostgres server) : RowProtectionTests(server);
