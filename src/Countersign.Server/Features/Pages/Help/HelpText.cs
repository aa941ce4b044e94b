namespace Countersign.Server.Features.Pages.Help;

/// <summary>Anchor of the words around the help articles; the articles themselves are files.</summary>
internal sealed class HelpText;
