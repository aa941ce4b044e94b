namespace Countersign.Server.Features.Access.Sessions;

/// <summary>Anchor of the texts about a user's own past.</summary>
internal sealed class HistoryText;
