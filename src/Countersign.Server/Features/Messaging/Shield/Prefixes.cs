namespace Countersign.Server.Features.Messaging.Shield;

/// <summary>The prefixes by which numbers are stopped.</summary>
internal static class Prefixes
{
    /// <summary>How long they are, plus sign included: a stop of any prefix of a number holds for it.</summary>
    public static readonly IReadOnlyList<int> Lengths = [.. Enumerable.Range(2, Longest - 1)];

    private const int Longest = 16;

    /// <summary>A prefix as an operator types it: a plus sign and digits, spaces are theirs to use. Null for anything else.</summary>
    public static string? Parse(string? typed)
    {
        var text = string.Concat((typed ?? string.Empty).Where(c => !char.IsWhiteSpace(c)));
        return text.Length is >= 2 and <= Longest && text[0] == '+' && text.Skip(1).All(char.IsAsciiDigit) && text[1] != '0' ? text : null;
    }
}
