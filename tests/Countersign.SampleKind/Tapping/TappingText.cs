namespace Countersign.SampleKind.Tapping;

/// <summary>Anchor of the kind's texts.</summary>
internal sealed class TappingText;
