namespace Countersign.Server.Features.Devices.Pins.Rules;

/// <summary>Nothing of a phone number, the country's code included: no four digits in a row that stand in one.</summary>
internal sealed class PhoneNumberRule : IPinRule
{
    private const int Run = 4;

    public Error Refusal => PinErrors.PhoneNumber;

    public PinCoverage Covers(PinHolder holder) => holder.PhoneNumbers.Count > 0 ? PinCoverage.Checked : PinCoverage.Advice;

    public bool Refuses(Pin pin, PinHolder holder) => holder.PhoneNumbers.Any(number => pin.SharesRun(Spelling.Joined(number), Run));
}
