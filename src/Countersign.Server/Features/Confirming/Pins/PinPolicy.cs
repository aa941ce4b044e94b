using Countersign.Server.Features.Ground.Jurisdictions;

namespace Countersign.Server.Features.Confirming.Pins;

/// <summary>How long a PIN is, and whether letters may stand in it.</summary>
internal sealed record PinPolicy(int MinimumLength, int MaximumLength, bool Letters)
{
    /// <summary>The soft PIN of a device with a keypad of its own.</summary>
    public static PinPolicy Soft { get; } = new(4, 4, Letters: false);

    /// <summary>The PIN of the phone app. Where a regime asks for more than the longest, the longest grows with it.</summary>
    public static PinPolicy Phone(PinOptions options, Regime regime)
    {
        var least = Math.Max(options.MinimumLength, regime.PinMinimumLength);
        return new PinPolicy(least, Math.Max(least, options.MaximumLength), options.Letters);
    }
}
