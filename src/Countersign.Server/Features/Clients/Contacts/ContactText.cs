namespace Countersign.Server.Features.Clients.Contacts;

/// <summary>Anchor of the texts about e-mail and postal address.</summary>
internal sealed class ContactText;
