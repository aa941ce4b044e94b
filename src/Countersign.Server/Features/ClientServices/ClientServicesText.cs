namespace Countersign.Server.Features.ClientServices;

/// <summary>Anchor of the texts about client services.</summary>
internal sealed class ClientServicesText;
