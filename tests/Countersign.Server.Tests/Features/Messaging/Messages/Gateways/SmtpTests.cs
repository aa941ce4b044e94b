using System.Globalization;
using System.Text;
using Countersign.Server.Features.Messaging.Messages;
using Countersign.Server.Tests.Hosting;
using Countersign.Testing;
using MimeKit;

namespace Countersign.Server.Tests.Features.Messaging.Messages.Gateways;

/// <summary>Mail by SMTP.</summary>
public abstract class SmtpTests(CountersignServer server)
{
    [Fact]
    public async Task A_mail_says_who_it_is_from_that_a_program_wrote_it_and_reads_in_Chinese()
    {
        await using var mail = new FakeMailServer();
        await using var bench = await StartAsync(mail);
        await bench.QueueAsync(channel: MessageChannel.Email, language: "zh-Hant");

        using var stream = new MemoryStream(Encoding.UTF8.GetBytes(await mail.MailAsync()));
        using var read = await MimeMessage.LoadAsync(stream, TestContext.Current.CancellationToken);
        var message = await bench.UntilAsync(MessageState.Sent);

        Assert.Equal((bench.User.Email, "bank@mail.example"), (read.To.Mailboxes.Single().Address, read.From.Mailboxes.Single().Address));
        Assert.Equal($"{message.Id:N}@mail.example", read.MessageId);
        Assert.Equal("auto-generated", read.Headers["Auto-Submitted"]);
        Assert.Equal(bench.Server.Clock.GetUtcNow(), read.Date);
        Assert.Equal("utf-8", read.Body!.ContentType.Charset);
        Assert.Contains("密碼", read.TextBody, StringComparison.Ordinal);
        Assert.Contains("密碼", read.Subject, StringComparison.Ordinal);
        Assert.Equal(("mail", true), (message.Gateway, message.Content is null));
    }

    [Theory]
    [InlineData("RCPT", "550 no such user", "550")]
    [InlineData("MAIL", "553 not you", "553")]
    [InlineData(".", "554 no", "554")]
    public async Task What_is_refused_has_failed_for_good(string command, string answer, string code)
    {
        await using var mail = new FakeMailServer();
        mail.Answer = c => c == command ? answer : null;
        await using var bench = await StartAsync(mail);
        await bench.QueueAsync(channel: MessageChannel.Email);

        var failed = await bench.UntilAsync(MessageState.Failed);

        Assert.Equal((code, 1), (failed.Failure, failed.Attempts));
        Assert.Empty(mail.Mails);
    }

    [Theory]
    [InlineData("RCPT", "450 later", "450")]
    [InlineData(".", "452 full", "452")]
    [InlineData("AUTH", "535 wrong", "auth")]
    [InlineData("EHLO", "", "connect")]
    [InlineData("MAIL", "", "broken")]
    public async Task What_may_be_better_later_is_tried_again(string command, string answer, string code)
    {
        await using var mail = new FakeMailServer();
        mail.Answer = c => c == command || (command == "EHLO" && c == "HELO") ? answer : null;
        await using var bench = await StartAsync(mail);
        await bench.QueueAsync(channel: MessageChannel.Email);
        Assert.Equal(code, (await bench.UntilAsync(m => m is { State: MessageState.Queued, Attempts: 1 })).Failure);
        mail.Answer = _ => null;

        bench.Server.Clock.Advance(TimeSpan.FromSeconds(2));

        Assert.Equal(2, (await bench.UntilAsync(MessageState.Sent)).Attempts);
        Assert.Single(mail.Mails);
    }

    [Fact]
    public async Task An_answer_that_is_lost_after_the_text_leaves_it_unknown()
    {
        await using var mail = new FakeMailServer();
        mail.Answer = c => c == "." ? "" : null;
        await using var bench = await StartAsync(mail);
        await bench.QueueAsync(channel: MessageChannel.Email);

        Assert.Equal("broken", (await bench.UntilAsync(MessageState.Unknown)).Failure);
    }

    [Fact]
    public async Task A_server_without_TLS_is_told_neither_password_nor_text()
    {
        await using var mail = new FakeMailServer();
        await using var bench = await StartAsync(mail, ("Tls", "StartTls"));
        await bench.QueueAsync(channel: MessageChannel.Email);

        Assert.Equal("connect", (await bench.UntilAsync(m => m.Failure is not null)).Failure);
        Assert.Empty(mail.Mails);
    }

    private Task<GatewayBench> StartAsync(FakeMailServer mail, params (string Name, string Value)[] also)
    {
        TestSecrets.Note("mail-password");
        return GatewayBench.StartAsync(
            server,
            GatewayBench.Of(
                0,
                ("Kind", "smtp"),
                ("Id", "mail"),
                ("Host", "127.0.0.1"),
                ("Port", mail.Port.ToString(CultureInfo.InvariantCulture)),
                ("Tls", "None"),
                ("AllowPrivateAddress", "true"),
                ("User", "countersign"), ("Password", "mail-password"), ("Sender", "Bank <bank@mail.example>")),
            GatewayBench.Of(0, also));
    }
}

public sealed class SmtpOnSqlite(OnSqlite server) : SmtpTests(server);

public sealed class SmtpOnPostgres(OnPostgres server) : SmtpTests(server);
