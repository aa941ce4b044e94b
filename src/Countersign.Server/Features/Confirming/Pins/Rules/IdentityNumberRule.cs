namespace Countersign.Server.Features.Confirming.Pins.Rules;

/// <summary>Nothing of an identity number: no four characters in a row that stand in one.</summary>
internal sealed class IdentityNumberRule : IPinRule
{
    private const int Run = 4;

    public Error Refusal => PinErrors.IdentityNumber;

    public PinCoverage Covers(PinHolder holder) => holder.Details.IdentityNumbers.Count > 0 ? PinCoverage.Checked : PinCoverage.Advice;

    public bool Refuses(Pin pin, PinHolder holder) =>
        holder.Details.IdentityNumbers.Any(number => pin.SharesRun(Spelling.Joined(number), Run));
}
