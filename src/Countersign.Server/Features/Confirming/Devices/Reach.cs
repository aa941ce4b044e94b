namespace Countersign.Server.Features.Confirming.Devices;

/// <summary>How far a device goes at a moment. What it confirms goes no further until it is trusted itself (D2).</summary>
/// <param name="Tier">Name of the tier that it has.</param>
/// <param name="Strength">Its level: see <see cref="KindTraits.Strength"/>.</param>
internal sealed record Reach(string Tier, int Strength);

/// <summary>From when and until when a device that ended goes on counting in the bar (D1).</summary>
internal sealed record LossHold(DateTimeOffset Since, DateTimeOffset Until);
