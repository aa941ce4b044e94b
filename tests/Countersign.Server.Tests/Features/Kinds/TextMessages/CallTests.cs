using System.Net;
using Countersign.Server.Tests.Hosting;

namespace Countersign.Server.Tests.Features.Kinds.TextMessages;

/// <summary>Didn't receive a security code? A call reads it out (S7).</summary>
public abstract class CallTests(CountersignServer server)
{
    [Fact]
    public async Task A_call_reads_the_same_code_at_once_and_leaves_the_wait_for_messages_alone()
    {
        var user = await server.UserAsync();
        using var browser = server.Browser();
        var page = await CountersignServer.TypePasswordAsync(browser, user.Name, user.Password);
        var code = await server.CodeAsync(user);

        var called = await CountersignServer.PressAsync(browser, page, "repeat", ("by", "call"));
        var spoken = (await server.Voice.WaitAsync(user.Mobile, 1, _ => true))[0];

        Assert.Equal(HttpStatusCode.OK, called.Status);
        Assert.Contains(string.Join(", ", code.ToCharArray()), spoken, StringComparison.Ordinal);
        Assert.DoesNotContain("#", spoken, StringComparison.Ordinal);
        Assert.Single(server.Codes(user));
        Assert.Equal("/", (await CountersignServer.TypeCodeAsync(browser, called, code)).Path);
    }

    [Fact]
    public async Task A_second_call_waits_like_a_second_message()
    {
        var user = await server.UserAsync();
        using var browser = server.Browser();
        var page = await CountersignServer.TypePasswordAsync(browser, user.Name, user.Password);
        await CountersignServer.PressAsync(browser, page, "repeat", ("by", "call"));

        var refused = await CountersignServer.PressAsync(browser, page, "repeat", ("by", "call"));

        Assert.Equal(HttpStatusCode.TooManyRequests, refused.Status);
        Assert.Single(await server.Voice.WaitAsync(user.Mobile, 1, _ => true));
    }
}

public sealed class CallsOnSqlite(OnSqlite server) : CallTests(server);

public sealed class CallsOnPostgres(OnPostgres server) : CallTests(server);
