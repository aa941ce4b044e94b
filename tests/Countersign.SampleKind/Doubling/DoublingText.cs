namespace Countersign.SampleKind.Doubling;

/// <summary>Anchor of the kind's texts.</summary>
internal sealed class DoublingText;
