using System.Collections.Concurrent;
using System.Text.RegularExpressions;
using Countersign.Server.Features.Messaging.Messages;
using Countersign.Testing;

namespace Countersign.Server.Tests.Hosting;

/// <summary>Takes messages as a gateway does and lets tests read them.</summary>
internal sealed partial class TestGateway(MessageChannel channel) : IMessageGateway
{
    private static readonly TimeSpan Ceiling = Waiting.Ceiling;
    private readonly ConcurrentDictionary<string, List<OutgoingMessage>> _byRecipient = new();
    private int _calls;

    // Set by a test and read by the senders, which are other threads.
    private volatile bool _idempotent = true;
    private volatile Func<OutgoingMessage, CancellationToken, Task<MessageState>>? _instead;

    public string Id => "test";

    public MessageChannel Channel => channel;

    public bool Idempotent
    {
        get => _idempotent;
        set => _idempotent = value;
    }

    /// <summary>What the gateway does instead of delivering, if a test says so.</summary>
    public Func<OutgoingMessage, CancellationToken, Task<MessageState>>? Instead
    {
        get => _instead;
        set => _instead = value;
    }

    /// <summary>How often the gateway was called, repetitions included.</summary>
    public int Calls => Volatile.Read(ref _calls);

    public bool KeepsBodies => false;

    public async Task<Submission> SendAsync(OutgoingMessage message, CancellationToken ct)
    {
        Interlocked.Increment(ref _calls);
        if (Instead is { } instead)
        {
            return await instead(message, ct) switch
            {
                MessageState.Delivered => new Submission.Accepted(Delivered: true),
                MessageState.Failed => new Submission.Refused("test"),
                _ => new Submission.Accepted(),
            };
        }

        var list = _byRecipient.GetOrAdd(message.Recipient, _ => []);
        lock (list)
        {
            if (list.All(m => m.Reference != message.Reference))
            {
                list.Add(message);
            }
        }

        foreach (Match code in SixDigits().Matches(message.Text))
        {
            TestSecrets.Note(code.Value);
        }

        return new Submission.Accepted(Delivered: true);
    }

    /// <summary>What a recipient has got so far.</summary>
    public IReadOnlyList<OutgoingMessage> To(string recipient)
    {
        if (!_byRecipient.TryGetValue(recipient, out var list))
        {
            return [];
        }

        lock (list)
        {
            return [.. list];
        }
    }

    /// <summary>The texts to a recipient that match, once there are at least <paramref name="count"/>.</summary>
    public async Task<IReadOnlyList<string>> WaitAsync(string recipient, int count, Func<string, bool> matches)
    {
        IReadOnlyList<string> texts = [];
        await Waiting.UntilAsync(
            () =>
            {
                texts = [.. To(recipient).Select(m => m.Text).Where(matches)];
                return Task.FromResult(texts.Count >= count);
            },
            Ceiling);
        return texts;
    }

    [GeneratedRegex(@"\b\d{6}\b")]
    internal static partial Regex SixDigits();
}
