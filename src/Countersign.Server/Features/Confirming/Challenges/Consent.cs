namespace Countersign.Server.Features.Confirming.Challenges;

/// <summary>How strong a device has to be.</summary>
internal enum Bar
{
    None,

    /// <summary>It reaches the user's bar (<see cref="Devices.UserBar"/>).</summary>
    Strongest,

    /// <summary>
    /// It reaches the bar and, where any active device is trusted, is trusted itself: what was added a minute ago takes nothing away.
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

    /// <summary>
    /// It was trusted at that instant and reaches the bar, in which what was newer then counts for no more than what confirmed it (D26).
    /// </summary>
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
