using Countersign.Server.Data;
using Countersign.Server.Features.Access.Sessions;
using Countersign.Server.Features.Clients.NumberSettings;
using Countersign.Server.Features.Registry.PhoneNumbers;
using Countersign.Server.Features.Registry.Users;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.EntityFrameworkCore;

namespace Countersign.Server.Features.Clients.AccountOpening;

/// <summary>What has been confirmed of an applicant.</summary>
/// <param name="Number">The number that is confirmed, or the one that waits for it; null where none was given.</param>
internal sealed record ApplicantProofs(bool Email, bool Mobile, PhoneNumber? Number)
{
    public static async Task<ApplicantProofs> ReadAsync(CountersignDbContext db, Guid userId, CancellationToken ct)
    {
        var email = await db.Set<User>().AnyAsync(u => u.Id == userId && u.EmailConfirmedAt != null, ct);
        var number = await db.PreferredNumberAsync(userId, ct)
            ?? await db.NumbersOf(userId).OrderByDescending(n => n.Preferred).ThenByDescending(n => n.AddedAt).FirstOrDefaultAsync(ct);
        return new ApplicantProofs(email, number?.VerifiedAt is not null, number);
    }
}

/// <summary>What every page of an application shows: whose it is, what is confirmed, and the blue bar (S4).</summary>
internal abstract class AccountApplicationPage(CountersignDbContext db, NumberRules numbers) : PageModel
{
    protected CountersignDbContext Db => db;

    public SessionView Current => HttpContext.Session();

    public ApplicantProofs Proofs { get; private set; } = new(Email: false, Mobile: false, Number: null);

    /// <summary>The fields of the dialog.</summary>
    public NumberFields NumberFields { get; private set; } = new([], null, null, null);

    /// <summary>Whether the bar posts the page's form, so that what was typed is kept.</summary>
    public virtual bool BarSaves => false;

    /// <summary>Whether the bar belongs on this page.</summary>
    public bool ShowsBar => Proofs is { Mobile: false };

    protected async Task LoadAsync(string? country, CancellationToken ct)
    {
        Proofs = await ApplicantProofs.ReadAsync(db, Current.User.Id, ct);
        var unverified = Proofs is { Mobile: false, Number: { } number } ? number.E164 : null;
        NumberFields = new NumberFields(
            numbers.Countries(), Country(unverified) ?? country, unverified is null ? null : MobileNumber.International(unverified), null);
    }

    private static string? Country(string? e164) => e164 is not null && MobileNumber.TryParse(e164, out var number) ? number.Region : null;
}
