namespace Countersign.Server.Http;

/// <summary>A text or password field: id and name are one.</summary>
/// <param name="Value">What is given back; a password only where it was right to keep it.</param>
internal sealed record Field(string Id, string Label, string AutoComplete, string? Value = null, string? Error = null, string? Hint = null, bool Secret = false);
