using Countersign.Server.Features.Messaging.Messages;
using Countersign.Server.Features.Messaging.Messages.Gateways;
using Countersign.Server.Http;
using Countersign.Server.Tests.Hosting;
using Microsoft.Extensions.Options;

namespace Countersign.Server.Tests.Features.Messaging.Messages.Gateways;

/// <summary>A wrong entry stops the start with a sentence.</summary>
public sealed class GatewaySettingsTests(OnSqlite server)
{
    [Theory]
    [InlineData("Kind", "pigeon", "Kind")]
    [InlineData("Id", "", "Id must be")]
    [InlineData("Id", "Not An Id", "Id must be")]
    [InlineData("Url", "http://sms.example/", "https")]
    [InlineData("Url", "https://sms.example:8443/", "443")]
    [InlineData("Url", "https://user:password@sms.example/", "https")]
    [InlineData("Url", "nowhere", "https")]
    [InlineData("Secret", "short", "32 characters")]
    [InlineData("Timeout", "00:01:00", "Timeout")]
    [InlineData("ReceiptsUrl", "ftp://here.example", "ReceiptsUrl")]
    public async Task That_says_what_is_wrong(string name, string value, string words)
    {
        var settings = GatewayBench.Of(
            0, ("Kind", "webhook"), ("Id", "own"), ("Url", "https://sms.example/"), ("Secret", GatewayBench.Secret));

        var refused = await Assert.ThrowsAnyAsync<Exception>(() => server.FreshAsync([.. settings, .. GatewayBench.Of(0, (name, value))]));

        Assert.Contains(words, refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(GatewayBench.Secret, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void About_each_kind()
    {
        Assert.Empty(
            Faults(new GatewayOptions
            {
                Kind = GatewayKind.Kannel,
                Id = "k",
                Url = "https://kannel.example/cgi-bin/sendsms",
                User = "u",
                Password = "p",
                Sender = "BANK",
            }));
        Assert.Empty(Faults(new GatewayOptions
        {
            Kind = GatewayKind.Kannel,
            Id = "k",
            Url = "http://127.0.0.1:13013/cgi-bin/sendsms",
            User = "u",
            Password = "p",
            Sender = "BANK",
            AllowPrivateAddress = true,
        }));
        Assert.Contains(Faults(new GatewayOptions
        {
            Kind = GatewayKind.Kannel,
            Id = "k",
            Url = "https://kannel.example/",
            User = "u\r\nX: y",
            Password = "p",
            Sender = "BANK",
        }), f => f.Contains("ASCII", StringComparison.Ordinal));
        Assert.Contains(Faults(new GatewayOptions
        {
            Kind = GatewayKind.Twilio,
            Id = "t",
            Url = "https://api.twilio.com",
            User = "SK1",
            Password = "p",
            Sender = "+1",
        }), f => f.Contains("account SID", StringComparison.Ordinal));
        Assert.Empty(Faults(new GatewayOptions { Kind = GatewayKind.Smtp, Id = "m", Host = "mail.example", Sender = "bank@mail.example" }));
        Assert.Contains(
            Faults(new GatewayOptions
            {
                Kind = GatewayKind.Smtp,
                Id = "m",
                Host = "mail.example",
                Sender = "bank@mail.example",
                Tls = SmtpTls.None,
            }),
            f => f.Contains("clear", StringComparison.Ordinal));
        var voice = new GatewayOptions { Kind = GatewayKind.Smtp, Id = "m", Host = "mail.example", Sender = "bank@mail.example" };
        voice.Channels.Add(MessageChannel.Voice);
        Assert.Contains(Faults(voice), f => f.Contains("Channels", StringComparison.Ordinal));
        var twice = new GatewayOptions { Kind = GatewayKind.Smtp, Id = "m", Host = "mail.example", Sender = "bank@mail.example" };
        Assert.Contains(Faults(twice, twice), f => f.Contains("twice", StringComparison.Ordinal));
    }

    [Fact]
    public void Demo_mode_takes_no_gateway() =>
        Assert.Contains(
            Faults(
                demo: true, new GatewayOptions { Kind = GatewayKind.Smtp, Id = "m", Host = "mail.example", Sender = "bank@mail.example" }),
            f => f.Contains("demo mode", StringComparison.Ordinal));

    private static IReadOnlyList<string> Faults(params GatewayOptions[] gateways) => Faults(demo: false, gateways);

    private static IReadOnlyList<string> Faults(bool demo, params GatewayOptions[] gateways)
    {
        var options = new MessagesOptions();
        foreach (var gateway in gateways)
        {
            options.Gateways.Add(gateway);
        }

        return [.. new GatewaysValidator(new ServeMode(demo)).Validate(Options.DefaultName, options).Failures ?? []];
    }
}
