using System.Text.Json.Serialization;

namespace Countersign.Server.Features.Devices.TextMessages;

/// <summary>A code that was made for one challenge, and how it was sent. Stored protected with the challenge.</summary>
/// <param name="Code">To be sent again. Null while the wait after another challenge's message runs: what was not sent cannot be guessed.</param>
/// <param name="Mac">To be compared with.</param>
internal sealed record TextMessagePrompt(string? Code, byte[]? Mac, DateTimeOffset? SentAt, DateTimeOffset NextSendAt);

/// <summary>What the page may show of it.</summary>
internal sealed record TextMessageView(string Number, DateTimeOffset? SentAt, DateTimeOffset NextSendAt);

[JsonSerializable(typeof(TextMessagePrompt))]
internal sealed partial class TextMessagesJson : JsonSerializerContext;
