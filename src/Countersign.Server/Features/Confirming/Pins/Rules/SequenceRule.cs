namespace Countersign.Server.Features.Confirming.Pins.Rules;

/// <summary>
/// No sequence: digits or letters with the same step from each to the next (1234, 9753, abcd; 7890 goes on from 9 to 0),
/// nor one whose members are doubled (112233).
/// </summary>
internal sealed class SequenceRule : IPinRule
{
    private const int GreatestStep = 3;
    private const int Digits = 10;

    public Error Refusal => PinErrors.Sequence;

    public PinCoverage Covers(PinHolder holder) => PinCoverage.Checked;

    public bool Refuses(Pin pin, PinHolder holder) =>
        (pin.IsDigits || pin.IsLetters) && (HasSteps(pin.Lower, GreatestStep) || HasSteps(Halved(pin.Lower), 1));

    private static bool HasSteps(string text, int greatest) =>
        text.Length > 1 && Enumerable.Range(1, greatest).Any(step => GoesBy(text, step) || GoesBy(text, -step));

    private static bool GoesBy(string text, int step) => text.Zip(text.Skip(1)).All(pair =>
        pair.Second - pair.First == step
            || (char.IsAsciiDigit(pair.First) && Math.Abs(step) == 1 && (pair.Second - pair.First - step) % Digits == 0));

    /// <summary>Each doubled member once; empty where not all are doubled.</summary>
    private static string Halved(string text) =>
        text.Length % 2 == 0 && text.Chunk(2).All(two => two[0] == two[1]) ? string.Concat(text.Where((_, i) => i % 2 == 0)) : string.Empty;
}
