namespace Countersign.Server.Features.Pages.Regulations;

/// <summary>A rule that demands two factors, for the page that names them. What follows from it is decided elsewhere.</summary>
/// <param name="Key">Of its texts.</param>
/// <param name="Country">ISO 3166 alpha-2 of the jurisdiction.</param>
/// <param name="Issued">The day it was issued.</param>
internal sealed record Regulation(string Key, string Country, DateOnly Issued)
{
    public static readonly IReadOnlyList<Regulation> All =
    [
        new("sfc", "HK", new DateOnly(2017, 10, 27)),
        new("hkma", "HK", new DateOnly(2017, 10, 27)),
        new("nsei", "IN", new DateOnly(2014, 3, 25)),
    ];
}
