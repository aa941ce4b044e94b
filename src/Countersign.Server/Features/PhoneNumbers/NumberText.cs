namespace Countersign.Server.Features.PhoneNumbers;

/// <summary>Anchor of the texts about numbers.</summary>
internal sealed class NumberText;
