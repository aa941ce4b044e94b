namespace Countersign.Server.Features.Pages.Settings;

/// <summary>Anchor of the texts of the settings pages.</summary>
internal sealed class SettingsText;
