using System.Globalization;

namespace Countersign.Server.Features.Confirming.Pins.Rules;

/// <summary>
/// No birthday of the person, a child or a close relative: no part of a date in any common order, the month as number or word, and no PIN
/// that has day and month, or the year, in it.
/// </summary>
internal sealed class BirthdayRule : IPinRule
{
    private static readonly string[] Whole =
    [
        "yyyyMMdd", "ddMMyyyy", "MMddyyyy", "ddMMyy", "MMddyy", "yyMMdd", "yyddMM", "MMyyyy", "yyyyMM", "dMyy", "Mdyy", "yyMd", "dMyyyy",
        "Mdyyyy", "yyyyMd",
        "ddMMMyyyy", "dMMMyyyy", "MMMddyyyy", "MMMdyyyy", "ddMMMyy", "dMMMyy", "MMMddyy", "MMMdyy", "yyMMMdd", "yyMMMd", "MMMyyyy",
        "MMMyy", "yyyyMMM", "yyMMM",
    ];

    private static readonly string[] Telling = ["ddMM", "MMdd", "yyyy", "ddMMM", "dMMM", "MMMdd", "MMMd"];

    public Error Refusal => PinErrors.Birthday;

    public PinCoverage Covers(PinHolder holder)
    {
        var relatives = holder.Details.Relatives;
        return Dates(holder).Any()
            ? holder.Details.Birthday is not null
                && relatives.Count > 0
                && relatives.All(r => r.Birthday is not null) ? PinCoverage.Checked : PinCoverage.Partly
            : PinCoverage.Advice;
    }

    public bool Refuses(Pin pin, PinHolder holder) => Dates(holder).Any(date =>
        Whole.Any(form => Write(date, form).Contains(pin.Lower, StringComparison.Ordinal))
            || Telling.Any(form => pin.Holds(Write(date, form))));

    private static IEnumerable<DateOnly> Dates(PinHolder holder) =>
        new[] { holder.Details.Birthday }.Concat(holder.Details.Relatives.Select(r => r.Birthday)).OfType<DateOnly>();

    private static string Write(DateOnly date, string form) => date.ToString(form, CultureInfo.InvariantCulture).ToLowerInvariant();
}
