namespace Countersign.Server.Features.Messaging.Shield;

/// <summary>The prefixes by which numbers are stopped.</summary>
internal static class Prefixes
{
    /// <summary>Every prefix of a number, from its first digit on: a stop of any of them holds for it.</summary>
    public static IReadOnlyList<string> Of(string e164) =>
        [.. Enumerable.Range(2, Math.Max(0, e164.Length - 1)).Select(length => e164[..length])];

    /// <summary>A prefix as an operator types it: a plus sign and digits, spaces are theirs to use. Null for anything else.</summary>
    public static string? Parse(string? typed)
    {
        var text = string.Concat((typed ?? string.Empty).Where(c => !char.IsWhiteSpace(c)));
        return text.Length is >= 2 and <= 16 && text[0] == '+' && text.Skip(1).All(char.IsAsciiDigit) && text[1] != '0' ? text : null;
    }
}
