namespace Countersign.Server.Http;

/// <summary>A text or password field: id and name are one.</summary>
/// <param name="Value">What is given back; a password only where it was right to keep it.</param>
/// <param name="Type">The input's type, where it is no password.</param>
internal sealed record Field(
    string Id, string Label, string AutoComplete, string? Value = null, string? Error = null, string? Hint = null, bool Secret = false,
    string Type = "text");

/// <summary>One of the values of a <see cref="SelectField"/>.</summary>
internal sealed record SelectOption(string Value, string Text);

/// <summary>A list of which one value is chosen: id and name are one.</summary>
/// <param name="None">What stands where nothing is chosen.</param>
internal sealed record SelectField(
    string Id, string Label, IReadOnlyList<SelectOption> Options, string? Value, string None, string? Error = null, string? Hint = null,
    string AutoComplete = "off");
