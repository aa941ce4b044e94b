using Countersign.Server.Features.Confirming.Pins.Lists;

namespace Countersign.Server.Features.Confirming.Pins.Rules;

/// <summary>None of the PINs that most people choose: they are tried first.</summary>
internal sealed class CommonRule : IPinRule
{
    public Error Refusal => PinErrors.Common;

    public PinCoverage Covers(PinHolder holder) => PinCoverage.Checked;

    public bool Refuses(Pin pin, PinHolder holder) => PinLists.Common.Contains(pin);
}
