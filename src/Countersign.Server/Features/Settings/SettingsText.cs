namespace Countersign.Server.Features.Settings;

/// <summary>Anchor of the texts of the settings pages.</summary>
internal sealed class SettingsText;
