namespace Countersign.Server.Features.Confirming.Pins.Rules;

/// <summary>
/// No walk over keys: part of a row or column of a keyboard (qwerty, qwertz, azerty) or of a line or ring of a phone's keypad, in
/// either direction, or several such walks of three keys or more one after the other (147258, qazwsx).
/// </summary>
internal sealed class KeyboardWalkRule : IPinRule
{
    private const int ShortestPiece = 3;

    // Columns of a keyboard lean; both leans are walked. A ring is written out twice less one key, so that it can be entered anywhere.
    private static readonly string[] Lines =
    [
        "1234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm", "qwertzuiop", "yxcvbnm", "azertyuiop", "qsdfghjklm", "wxcvbn",
        "1qaz", "2wsx", "3edc", "4rfv", "5tgb", "6yhn", "7ujm", "1qay", "6zhn", "1aqw", "2zsx",
        "zse4", "xdr5", "cft6", "vgy7", "bhu8", "nji9", "mko0",
        "123", "456", "789", "147", "2580", "369", "159", "357", "1590", "3570",
        "123698741236987", "1397139", "2684268",
    ];

    private static readonly string[] Both = [.. Lines, .. Lines.Select(line => string.Concat(line.Reverse()))];

    public Error Refusal => PinErrors.KeyboardWalk;

    public PinCoverage Covers(PinHolder holder) => PinCoverage.Checked;

    public bool Refuses(Pin pin, PinHolder holder) => IsWalk(pin.Lower);

    private static bool IsWalk(string text) => IsPiece(text)
        || Enumerable.Range(ShortestPiece, Math.Max(0, text.Length - (2 * ShortestPiece) + 1)).Any(
            at => IsPiece(text[..at]) && IsWalk(text[at..]));

    private static bool IsPiece(string text) =>
        text.Length >= ShortestPiece && Array.Exists(Both, line => line.Contains(text, StringComparison.Ordinal));
}
