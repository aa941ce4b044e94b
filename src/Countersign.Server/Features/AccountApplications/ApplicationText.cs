namespace Countersign.Server.Features.AccountApplications;

/// <summary>Anchor of the texts of the account application.</summary>
internal sealed class ApplicationText;
