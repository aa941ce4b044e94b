using System.Net;
using Countersign.Server.Tests.Hosting;

namespace Countersign.Server.Tests.Features.SigningIn.SignIn;

public abstract class SignInTests(CountersignServer server)
{
    [Fact]
    public async Task A_client_signs_in_with_a_password_and_the_code_on_the_phone()
    {
        var user = await server.UserAsync();
        using var browser = server.Browser();

        var home = await server.SignInAsync(browser, user);

        Assert.Equal(HttpStatusCode.OK, home.Status);
        Assert.Equal("/", home.Path);
        Assert.Contains(user.Name, home.Text, StringComparison.Ordinal);
    }
}

public sealed class SignInOnSqlite(OnSqlite server) : SignInTests(server);

public sealed class SignInOnPostgres(OnPostgres server) : SignInTests(server);
