using Countersign.Server.Features.Ground.Jurisdictions;

namespace Countersign.Server.Features.Confirming.Devices;

/// <summary>Where a challenge was opened, as far as it matters to who sends a message.</summary>
/// <param name="Source">IPv4 address or IPv6 /64.</param>
/// <param name="Known">Whether the browser has signed this user in before.</param>
internal sealed record AskedFrom(string Source, bool Known);

/// <summary>
/// What a kind may know of a challenge: what the person agrees to, and how it may be put to the person. Neither what it is for nor
/// whom it concerns is in it, so that no kind can treat one purpose otherwise than another.
/// </summary>
/// <param name="Id">Binds codes and messages to this challenge and no other.</param>
/// <param name="UserName">For what the person keeps, such as the line of an authenticator app.</param>
/// <param name="Statement">What the person agrees to, word for word.</param>
/// <param name="StatementHash">SHA-256 over purpose, language, text and details.</param>
/// <param name="MovesMoney">Whether money leaves by it (D6).</param>
/// <param name="PayeeDigits">How many digits of the payee's account the person types into the device; zero where none are asked
/// (D6).</param>
/// <param name="Language">Language tag of the statement.</param>
/// <param name="Activates">Whether the credential shows by its answer that it is in the person's hands.</param>
internal sealed record Ask(
    Guid Id,
    Guid UserId,
    string UserName,
    string Statement,
    byte[] StatementHash,
    bool MovesMoney,
    int PayeeDigits,
    string Language,
    Regime Regime,
    DateTimeOffset ExpiresAt, AskedFrom From, bool Activates);
