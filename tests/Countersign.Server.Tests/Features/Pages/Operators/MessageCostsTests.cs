using Countersign.Server.Features.Messaging.Messages;
using Countersign.Server.Tests.Hosting;
using Countersign.Testing;

namespace Countersign.Server.Tests.Features.Pages.Operators;

/// <summary>What messages cost, as a file for whoever pays.</summary>
public abstract class MessageCostsTests(CountersignServer server)
{
    private const string Address = "/operations/messages?handler=Costs";

    [Fact]
    public async Task It_adds_up_by_month_gateway_and_country()
    {
        await using var own = await server.FreshAsync(
            ("Shield:Price", "0.10"), ("Shield:Prices:GB", "0.03"), ("Shield:Prices:+85269", "1"));
        var november = new DateTimeOffset(2026, 11, 1, 0, 0, 0, TimeSpan.Zero);
        var october = november - TimeSpan.FromSeconds(1);
        await AddAsync(own, october, "one", "HK", "+8525111", MessageChannel.Sms, parts: 2, count: 3);
        await AddAsync(own, november, "one", "HK", "+8525111", MessageChannel.Sms, parts: 1, count: 5);
        await AddAsync(own, november, "one", "HK", "+8526999", MessageChannel.Sms, parts: 1, count: 2);
        await AddAsync(own, november, "two", "GB", "+44740012", MessageChannel.Voice, parts: 0, count: 4);
        await AddAsync(own, november, "two", null, null, MessageChannel.Email, parts: 0, count: 7);
        await AddAsync(own, november, "=1+1,\"x\"", "HK", "+8525111", MessageChannel.Sms, parts: 1, count: 1);
        await AddAsync(own, november, null, "HK", "+8525111", MessageChannel.Sms, parts: 0, count: 9, sent: false);
        using var browser = own.Browser();
        await EnterAsync(own, browser);

        var lines = (await browser.GetAsync(Address)).Html.Split("\r\n", StringSplitOptions.RemoveEmptyEntries);

        Assert.Equal(
            [
                "month,gateway,country,channel,messages,parts,cost_usd",
                "2026-10,one,HK,sms,3,6,0.6000",
                "2026-11,\"'=1+1,\"\"x\"\"\",HK,sms,1,1,0.1000",
                "2026-11,one,HK,sms,7,7,2.5000",
                "2026-11,two,,email,7,0,0.0000",
                "2026-11,two,GB,voice,4,4,0.1200",
            ],
            lines);
    }

    [Fact]
    public async Task Nobody_but_an_operator_gets_it()
    {
        using var browser = server.Browser();

        Assert.Equal("/operations/enter", (await browser.GetAsync(Address)).Path);
    }

    private static Task<bool> AddAsync(
        CountersignServer own, DateTimeOffset at, string? gateway, string? region, string? range, MessageChannel channel, int parts,
        int count, bool sent = true) => own.WriteAsync((db, _) =>
    {
        for (var i = 0; i < count; i++)
        {
            db.Add(new Message
            {
                UserId = Guid.CreateVersion7(at),
                Id = Guid.CreateVersion7(at),
                Channel = channel,
                Class = MessageClass.Notice,
                Recipient = "somewhere",
                Range = range,
                Region = region,
                Template = "test",
                State = sent ? MessageState.Sent : MessageState.Failed,
                Parts = parts,
                CreatedAt = at,
                ExpiresAt = at,
                DueAt = Message.Never,
                SentAt = sent ? at : null,
                Gateway = gateway,
            });
        }

        return Task.FromResult(true);
    });

    private static async Task EnterAsync(CountersignServer own, TestBrowser browser) => await browser.SubmitAsync(
        await browser.GetAsync("/operations/messages"),
        "operator-code",
        new Dictionary<string, string> { ["operator-code"] = own.OperatorCode("ada") });
}

public sealed class MessageCostsOnSqlite(OnSqlite server) : MessageCostsTests(server);

public sealed class MessageCostsOnPostgres(OnPostgres server) : MessageCostsTests(server);
