namespace Countersign.Server.Features.Registry.Offices;

/// <summary>Anchor of the texts about client services.</summary>
internal sealed class ClientServicesText;
