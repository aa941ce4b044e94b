using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Countersign.Testing;

namespace Countersign.Server.Tests.Features.Messaging.Messages.Gateways;

/// <summary>A mail server on loopback: takes what it is given, or answers a command as a test says.</summary>
internal sealed class FakeMailServer : IAsyncDisposable
{
    private static readonly TimeSpan Ceiling = Waiting.Ceiling;
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentQueue<string> _mails = new();
    private readonly Task _accepting;

    public FakeMailServer()
    {
        _listener.Start();
        _accepting = AcceptAsync();
    }

    /// <summary>The answer to a command, by its first word (<c>.</c> is the end of a mail); null does as usual, empty hangs up.</summary>
    public Func<string, string?> Answer { get; set; } = _ => null;

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public IReadOnlyList<string> Mails => [.. _mails];

    public async Task<string> MailAsync()
    {
        await Waiting.UntilAsync(() => Task.FromResult(!_mails.IsEmpty), Ceiling);
        return Mails[0];
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
        await _accepting;
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        var sessions = new List<Task>();
        try
        {
            while (true)
            {
                sessions.Add(ServeAsync(await _listener.AcceptTcpClientAsync(_stop.Token)));
            }
        }
        catch (OperationCanceledException)
        {
            await Task.WhenAll(sessions);
        }
    }

    private async Task ServeAsync(TcpClient accepted)
    {
        using var client = accepted;
        try
        {
            var stream = client.GetStream();
            using var reader = new StreamReader(stream, Encoding.UTF8);
            await WriteAsync(stream, "220 mail.example ESMTP");
            while (await reader.ReadLineAsync(_stop.Token) is { } line)
            {
                var command = line.Split(' ')[0].ToUpperInvariant();
                if (!await AnswerAsync(stream, command, command switch
                {
                    "DATA" => "354 go on",
                    "QUIT" => "221 bye",
                    "EHLO" => "250-mail.example\r\n250 AUTH PLAIN",
                    "AUTH" => "235 yes",
                    _ => "250 yes",
                }) || command == "QUIT")
                {
                    return;
                }

                if (command == "DATA")
                {
                    var mail = await ReadMailAsync(reader);
                    if (Answer(".") is null)
                    {
                        _mails.Enqueue(mail);
                    }

                    if (!await AnswerAsync(stream, ".", "250 taken"))
                    {
                        return;
                    }
                }
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            // The client has gone, or the test ends.
        }
    }

    private async Task<bool> AnswerAsync(NetworkStream stream, string command, string usual)
    {
        var answer = Answer(command) ?? usual;
        if (answer.Length > 0)
        {
            await WriteAsync(stream, answer);
        }

        return answer.Length > 0;
    }

    private async Task<string> ReadMailAsync(StreamReader reader)
    {
        var mail = new StringBuilder();
        while (await reader.ReadLineAsync(_stop.Token) is { } line && line != ".")
        {
            mail.Append(CultureInfo.InvariantCulture, $"{line}\n");
        }

        return mail.ToString();
    }

    private async Task WriteAsync(NetworkStream stream, string line) =>
        await stream.WriteAsync(Encoding.ASCII.GetBytes(line + "\r\n"), _stop.Token);
}
