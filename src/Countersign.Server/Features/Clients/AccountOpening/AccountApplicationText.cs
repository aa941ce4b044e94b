namespace Countersign.Server.Features.Clients.AccountOpening;

/// <summary>Anchor of the texts of the account application.</summary>
internal sealed class AccountApplicationText;
