namespace Countersign.SampleKind.Promising;

/// <summary>Anchor of the purpose's texts.</summary>
internal sealed class PromiseText;
