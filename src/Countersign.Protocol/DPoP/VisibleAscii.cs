namespace Countersign.Protocol.DPoP;

/// <summary>Text that can stand in a header, in a log and in a database column as it is.</summary>
internal static class VisibleAscii
{
    public static bool Is(ReadOnlySpan<char> text, int most) =>
        text.Length > 0 && text.Length <= most && !text.ContainsAnyExceptInRange('!', '~');
}
