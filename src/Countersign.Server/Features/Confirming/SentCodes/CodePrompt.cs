using System.Text.Json.Serialization;

namespace Countersign.Server.Features.Confirming.SentCodes;

/// <summary>A code that was made for one challenge, and how it was sent. Stored protected with the challenge.</summary>
/// <param name="To">The number or address, most of it hidden.</param>
/// <param name="Code">To be sent again. Null while nothing was sent: what was not sent cannot be guessed.</param>
/// <param name="Mac">To be compared with.</param>
/// <param name="NextSendAt">When the next message may go.</param>
/// <param name="NextCallAt">When the next call may go.</param>
/// <param name="Refused">Code of the error for which nothing was sent; null where only the wait forbids it.</param>
internal sealed record CodePrompt(
    string To, string? Code, byte[]? Mac, DateTimeOffset? SentAt, DateTimeOffset NextSendAt, DateTimeOffset NextCallAt, string? Refused);

[JsonSerializable(typeof(CodePrompt))]
internal sealed partial class CodePromptJson : JsonSerializerContext;
