namespace Countersign.Server.Features.Confirming.Challenges;

/// <summary>Anchor of the texts of challenge pages.</summary>
internal sealed class ChallengeText;
