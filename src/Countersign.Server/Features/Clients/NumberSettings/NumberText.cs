namespace Countersign.Server.Features.Clients.NumberSettings;

/// <summary>Anchor of the texts about numbers.</summary>
internal sealed class NumberText;
