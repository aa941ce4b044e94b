namespace Countersign.Server.Features.Confirming.Devices;

/// <summary>How a person answers a prompt.</summary>
internal enum ResponseForm
{
    /// <summary>Digits are typed.</summary>
    Digits,

    /// <summary>Letters and digits are typed.</summary>
    Characters,

    /// <summary>The browser asks a passkey.</summary>
    Passkey,

    /// <summary>Nothing is typed here: the device approves by itself.</summary>
    Elsewhere,
}

/// <summary>What a person is shown of a prompt, as data: a page, the JSON interface and the SDK render the same.</summary>
internal sealed record PromptView(ResponseForm Response)
{
    /// <summary>How many digits or characters are typed; null where that is not said.</summary>
    public int? Length { get; init; }

    /// <summary>What the device is to be asked, in order: index numbers of a card, the digits of a challenge.</summary>
    public IReadOnlyList<string> Asked { get; init; } = [];

    /// <summary>Whether the device was used elsewhere since it was asked, and has to be asked anew.</summary>
    public bool Stale { get; init; }

    /// <summary>How often the device can still be used, where that is told.</summary>
    public long? UsesLeft { get; init; }

    /// <summary>The message that the response came in; null where none is sent.</summary>
    public SentCode? Sent { get; init; }

    /// <summary>WebAuthn's options, as its JSON form is; null for everything else.</summary>
    public string? Ceremony { get; init; }

    /// <summary>The key that a new device is to take; null once it has it.</summary>
    public NewKey? NewKey { get; init; }
}

/// <summary>A code that was sent, or could not be.</summary>
/// <param name="To">The number or address, most of it hidden.</param>
/// <param name="Calls">Whether a call can be asked for.</param>
/// <param name="Refused">Code of the error for which nothing was sent; null where only the wait forbids it.</param>
internal sealed record SentCode(
    string To, DateTimeOffset? SentAt, DateTimeOffset NextSendAt, bool Calls, DateTimeOffset NextCallAt, string? Refused)
{
    /// <summary>Whether only the wait forbids it: when that is over the code can go without being asked for again.</summary>
    public bool Waits => SentAt is null && Refused is null;
}

/// <summary>A key on its way to the person's app.</summary>
/// <param name="Site">Who shares it.</param>
/// <param name="Link">The <c>otpauth</c> address.</param>
/// <param name="Secret">The key in Base32, in groups of four.</param>
internal sealed record NewKey(string Site, string UserName, string Link, string Secret);
