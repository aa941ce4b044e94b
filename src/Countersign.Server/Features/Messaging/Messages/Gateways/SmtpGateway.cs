using System.Globalization;
using System.Net.Sockets;
using Countersign.Server.Http.Outbound;
using MailKit;
using MailKit.Net.Smtp;
using MailKit.Security;
using MimeKit;

namespace Countersign.Server.Features.Messaging.Messages.Gateways;

/// <summary>Mail by SMTP. What the server took is sent: receipts do not exist.</summary>
internal sealed class SmtpGateway(GatewayOptions options, TimeProvider time) : IMessageGateway
{
    private const int FirstPermanent = 500;

    public string Id => options.Id;

    public MessageChannel Channel => MessageChannel.Email;

    public bool Idempotent => false;

    public bool KeepsBodies => false;

    public async Task<Submission> SendAsync(OutgoingMessage message, CancellationToken ct)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(options.Timeout);
        using var client = new SmtpClient { CheckCertificateRevocation = false, Timeout = (int)options.Timeout.TotalMilliseconds };
        if (!MailboxAddress.TryParse(message.Recipient, out var recipient))
        {
            return new Submission.Refused("address");
        }

        using var mail = Mail(message, recipient);
        return await ConnectAsync(client, limit.Token) ?? await SendAsync(client, mail, limit.Token);
    }

    /// <returns>Null when the server is ready for a mail.</returns>
    private async Task<Submission?> ConnectAsync(SmtpClient client, CancellationToken ct)
    {
        try
        {
            // The socket is the client's from here on.
            var socket = await OutboundConnections.OpenAsync(options.Host, options.Port, options.AllowPrivateAddress, ct);
            await client.ConnectAsync(socket, options.Host, options.Port, Security(), ct);
            if (options.User.Length > 0)
            {
                await client.AuthenticateAsync(options.User, options.Password, ct);
            }

            return null;
        }
        catch (AddressRefusedException)
        {
            return new Submission.Unavailable("address");
        }
        catch (MailKit.Security.AuthenticationException)
        {
            return new Submission.Unavailable("auth");
        }
        catch (Exception e) when (e is SocketException
            or TimeoutException
            or IOException
            or System.Security.Authentication.AuthenticationException
                or SslHandshakeException or CommandException or ProtocolException or NotSupportedException or OperationCanceledException)
        {
            return new Submission.Unavailable("connect");
        }
    }

    private static async Task<Submission> SendAsync(SmtpClient client, MimeMessage mail, CancellationToken ct)
    {
        var progress = new Progress();
        try
        {
            await client.SendAsync(mail, ct, progress);
        }
        catch (SmtpCommandException e)
        {
            var code = ((int)e.StatusCode).ToString(CultureInfo.InvariantCulture);
            return (int)e.StatusCode >= FirstPermanent ? new Submission.Refused(code) : new Submission.Unavailable(code);
        }
        catch (Exception e) when (e is IOException or ProtocolException or OperationCanceledException or TimeoutException)
        {
            // Once the text was on its way, its last line may have arrived and the answer not.
            return progress.Begun ? new Submission.Lost("broken") : new Submission.Unavailable("broken");
        }

        return new Submission.Accepted();
    }

    private SecureSocketOptions Security() => options.Tls switch
    {
        SmtpTls.Implicit => SecureSocketOptions.SslOnConnect,
        SmtpTls.None => SecureSocketOptions.None,
        _ => SecureSocketOptions.StartTls,
    };

    private MimeMessage Mail(OutgoingMessage message, MailboxAddress recipient)
    {
        var sender = MailboxAddress.Parse(options.Sender);
        var mail = new MimeMessage
        {
            Subject = message.Subject ?? string.Empty,
            Date = time.GetUtcNow(),

            // The same for each attempt: a mailbox that gets it twice can tell.
            MessageId = string.Create(CultureInfo.InvariantCulture, $"{message.Reference:N}@{sender.Domain}"),
            Body = new TextPart("plain") { Text = message.Text },
        };
        mail.From.Add(sender);
        mail.To.Add(recipient);

        // RFC 3834: nobody is away, nobody is to answer.
        mail.Headers.Add("Auto-Submitted", "auto-generated");
        return mail;
    }

    /// <summary>Notes whether the text began to travel.</summary>
    private sealed class Progress : ITransferProgress
    {
        public bool Begun { get; private set; }

        public void Report(long bytesTransferred, long totalSize) => Begun = true;

        public void Report(long bytesTransferred) => Begun = true;
    }
}
