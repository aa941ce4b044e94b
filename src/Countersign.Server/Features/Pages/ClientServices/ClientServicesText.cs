namespace Countersign.Server.Features.Pages.ClientServices;

/// <summary>Anchor of the texts about client services.</summary>
internal sealed class ClientServicesText;
