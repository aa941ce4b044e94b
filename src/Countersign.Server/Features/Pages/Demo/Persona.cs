namespace Countersign.Server.Features.Pages.Demo;

/// <summary>
/// An invented client that everybody may be. Their passwords are public, which is why a demo database never serves anybody else
/// (D30).
/// </summary>
/// <param name="Partner">Person number of a second holder of the account; null for an individual account.</param>
internal sealed record Persona(
    string UserName, string Person, string Name, string Account, string Jurisdiction, string Residence, string TimeZone, string Language,
    decimal Equity, string Mobile, bool Verified, string? Partner = null)
{
    /// <summary>One for all: a demo is for trying the second factor.</summary>
    public const string Password = "lantern-harbour-7";

    public string Email => UserName + "@mail.example";

    public static readonly IReadOnlyList<Persona> All =
    [
        new(
            "mei.chan", "P-1001", "Mei Chan", "U100001", "HK", "HK", "Asia/Hong_Kong", "zh-Hant", 1_850_000m, "+85251234567",
            Verified: true),
        new("arjun.rao", "P-1002", "Arjun Rao", "U100002", "IN", "IN", "Asia/Kolkata", "en", 42_000m, "+918123456789", Verified: true),
        new(
            "olivia.reed", "P-1003", "Olivia Reed", "U100003", "US", "US", "America/New_York", "en", 1_250_000m, "+12015550123",
            Verified: true),
        new(
            "reed.joint", "P-1003", "Olivia Reed", "U100004", "US", "US", "America/New_York", "en", 640_000m, "+12015550123",
            Verified: true, Partner: "P-1004"),
        new(
            "daniel.reed", "P-1004", "Daniel Reed", "U100004", "US", "US", "America/New_York", "en", 640_000m, "+12015550145",
            Verified: true, Partner: "P-1003"),
        new("lukas.weber", "P-1005", "Lukas Weber", "U100005", "DE", "DE", "Europe/Berlin", "en", 8_500m, "+4915123456789", Verified: true),
        new("tan.wei", "P-1006", "Tan Wei", "U100006", "SG", "SG", "Asia/Singapore", "zh-Hans", 350_000m, "+6581234567", Verified: true),
        new("noor.haddad", "P-1007", "Noor Haddad", "U100007", "GB", "GB", "Europe/London", "en", 0m, "+447400123456", Verified: false),
    ];
}
