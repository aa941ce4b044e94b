namespace Countersign.Server.Features.Confirming.Challenges;

internal static class ChallengeErrors
{
    /// <summary>Not there, or not this browser's: the two are not told apart.</summary>
    public static readonly Error Missing = new("challenge.missing", ErrorKind.Missing);
    public static readonly Error Expired = new("challenge.expired", ErrorKind.Conflict);
    public static readonly Error Ended = new("challenge.ended", ErrorKind.Conflict);
    public static readonly Error Failed = new("challenge.failed", ErrorKind.Conflict);
    public static readonly Error OtherPrompt = new("challenge.other_prompt", ErrorKind.Conflict);
    public static readonly Error Changed = new("challenge.changed", ErrorKind.Conflict);
    public static readonly Error DeviceUnavailable = new("challenge.device_unavailable", ErrorKind.Conflict);
    /// <summary>What is stored of it, or of its device, does not open.</summary>
    public static readonly Error Unreadable = new("challenge.unreadable", ErrorKind.Conflict);
    /// <summary>There are active devices, and none whose kind this node knows and whose secret opens.</summary>
    public static readonly Error NoneAnswers = new("challenge.none_answers", ErrorKind.Forbidden);
    public static readonly Error NoDevice = new("challenge.no_device", ErrorKind.Forbidden);
    public static readonly Error Frozen = new("challenge.frozen", ErrorKind.Forbidden);
    public static readonly Error NotStrongest = new("challenge.not_strongest", ErrorKind.Forbidden);

    /// <summary>With the hour from which it is, if nothing else happens.</summary>
    public static readonly Error NotStrongestYet = new("challenge.not_strongest_yet", ErrorKind.Forbidden);
    /// <summary>The device neither shows the text nor has digits of the payee typed into it, and this takes one that does (D7).</summary>
    public static readonly Error NotShown = new("challenge.not_shown", ErrorKind.Forbidden);
    /// <summary>Whoever holds the device said no.</summary>
    public static readonly Error Denied = new("challenge.denied", ErrorKind.Conflict);
    /// <summary>Nobody has approved it yet.</summary>
    public static readonly Error NotApproved = new("challenge.not_approved", ErrorKind.Conflict);
    public static readonly Error TooMany = new("challenge.too_many", ErrorKind.Throttled);
    public static readonly Error TooManyResponses = new("challenge.too_many_responses", ErrorKind.Forbidden);
    public static readonly Error NotRepeatable = new("challenge.not_repeatable", ErrorKind.Invalid);

    /// <summary>Why a challenge in this state cannot be answered; null where it can.</summary>
    public static Error? EndedBy(ChallengeState state) => state switch
    {
        ChallengeState.Pending or ChallengeState.Prompted => null,
        ChallengeState.Expired => Expired,
        ChallengeState.Failed => Failed,
        ChallengeState.Denied => Denied,
        _ => Ended,
    };
}
