namespace Countersign.Server.Features.Help;

/// <summary>Anchor of the help articles: each topic has a title and a text, keyed by its anchor.</summary>
internal sealed class HelpText;
