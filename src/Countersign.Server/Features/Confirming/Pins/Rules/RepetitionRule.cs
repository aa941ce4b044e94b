namespace Countersign.Server.Features.Confirming.Pins.Rules;

/// <summary>
/// No repetition: one character or one group again and again (1111, 1212, 123123), nor two characters only in a PIN of five or
/// more.
/// </summary>
internal sealed class RepetitionRule : IPinRule
{
    private const int FewestForTwo = 5;

    public Error Refusal => PinErrors.Repeated;

    public PinCoverage Covers(PinHolder holder) => PinCoverage.Checked;

    public bool Refuses(Pin pin, PinHolder holder)
    {
        var text = pin.Lower;
        return Enumerable.Range(1, text.Length / 2).Any(period => text.Length % period == 0 && HasPeriod(text, period))
            || (text.Length >= FewestForTwo && text.Distinct().Count() <= 2);
    }

    private static bool HasPeriod(string text, int period) => text.AsSpan(period).SequenceEqual(text.AsSpan(0, text.Length - period));
}
