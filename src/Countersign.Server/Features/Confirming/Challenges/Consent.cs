namespace Countersign.Server.Features.Confirming.Challenges;

/// <summary>How strong a device has to be.</summary>
internal enum Bar
{
    None,

    /// <summary>As strong as the strongest that is the client's, or was a moment ago.</summary>
    Strongest,

    /// <summary>
    /// The same among those that are trusted, and trusted itself, where there is one: what was added a minute ago takes nothing
    /// away.
    /// </summary>
    StrongestTrusted,
}

/// <summary>
/// What a purpose demands of who agrees. All conditions must hold, when a device is offered and again in the unit that uses its
/// approval: strength counts as it is then (D8).
/// </summary>
internal sealed record Consent
{
    /// <summary>Any active device.</summary>
    public static readonly Consent Any = new();

    public Bar Bar { get; init; }

    /// <summary>As strong as the strongest that was trusted at that instant, and trusted then itself (D26).</summary>
    public DateTimeOffset? TrustedAt { get; init; }

    /// <summary>This device and no other.</summary>
    public Guid? Only { get; init; }

    /// <summary>Any device but this one: it cannot agree to its own loss.</summary>
    public Guid? Not { get; init; }

    /// <summary>The device that ends by it: where that is trusted, the one that agrees has to be (D2).</summary>
    public Guid? Over { get; init; }

    /// <summary>Once there is money, a number that was verified a moment ago does not count (D1).</summary>
    public bool Settled { get; init; }

    /// <summary>The device shows the text, or has digits of the payee typed into it (D7).</summary>
    public bool ShowsOrTyped { get; init; }
}
