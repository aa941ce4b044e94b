using System.Globalization;
using Countersign.Server.Data;
using Countersign.Server.Data.Protection;
using Countersign.Server.Features.Access.Sessions;
using Countersign.Server.Features.Confirming.Challenges;
using Countersign.Server.Features.Registry.People;
using Countersign.Server.Features.Registry.Users;
using Countersign.Server.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.Extensions.Localization;

namespace Countersign.Server.Features.Clients.Contacts;

/// <summary>Settings → Postal address: the one there is, and a form for another one.</summary>
[EnableRateLimiting(HttpSlice.CostlyPolicy)]
[OpensChallenges]
internal sealed class AddressSettingsModel(
    CountersignDbContext db, ChangeAddress change, RowProtection protection, Openers openers, IStringLocalizer<ErrorText> errors,
    TimeProvider time) : PageModel
{
    public const string Here = "/settings/address";

    public SessionView Current => HttpContext.Session();

    /// <summary>Null where none is on record.</summary>
    public HolderAddress? Address { get; private set; }

    /// <summary>ISO 3166 code of the address's country.</summary>
    public string Country { get; private set; } = string.Empty;

    /// <summary>From when the address is relied on; null where it is.</summary>
    public DateTimeOffset? TrustedAt { get; private set; }

    /// <summary>What the fields hold: what was typed, else what there is.</summary>
    public TypedAddress Fields { get; private set; } = new(null, null, null, null, null);

    public IReadOnlyList<Fault> Faults { get; private set; } = [];

    public static IReadOnlyList<SelectOption> Choices =>
        [.. Countries.All.Select(c => new SelectOption(c, Countries.Name(c))).OrderBy(o => o.Text, StringComparer.CurrentCulture)];

    public bool Done => Request.Query["done"] == "changed";

    public string? ErrorOf(string field) => Faults.FirstOrDefault(f => f.Field == field)?.Text;

    public async Task OnGetAsync(CancellationToken ct)
    {
        await LoadAsync(ct);
        if (this.Carried() is { } carried)
        {
            Faults = [new Fault(carried.Text)];
        }
    }

    public async Task<IActionResult> OnPostAsync(
        string? street, string? more, string? city, string? postcode, string? country, CancellationToken ct)
    {
        await LoadAsync(ct);
        Fields = new TypedAddress(street, more, city, postcode, country);
        var (address, faults) = Fields.Read();
        if (address is null)
        {
            Faults = [.. faults.Select(f => new Fault(errors.Say(f.Error), f.Field))];
            Response.StatusCode = StatusCodes.Status422UnprocessableEntity;
            return Page();
        }

        var begun = await change.BeginAsync(Current.User, openers.OfSession(HttpContext), address, CultureInfo.CurrentUICulture, ct);
        if (begun.Succeeded)
        {
            return Redirect(AddressConsentModel.PathOf(begun.Value));
        }

        Faults = [new Fault(errors.Say(begun.Error))];
        Response.Mark(begun.Error);
        return Page();
    }

    private async Task LoadAsync(CancellationToken ct)
    {
        var holder = await PersonViews.HolderOfUserAsync(db, protection, Current.User.Id, ct);
        (Address, Country) = (holder.Details.Home, holder.Country);
        TrustedAt = holder.AddressTrustedAt > time.GetUtcNow() ? holder.AddressTrustedAt : null;
        Fields = TypedAddress.Of(Address, Country);
    }
}

/// <summary>The device that agrees to another postal address.</summary>
[EnableRateLimiting(HttpSlice.CostlyPolicy)]
internal sealed class AddressConsentModel(ChallengeSteps steps, AddressChangePurpose purpose)
    : ChallengePageModel<HolderAddress, Done>(steps, purpose)
{
    public override string StartPath => AddressSettingsModel.Here;

    public override string OwnPath => PathOf(Handle);

    public static string PathOf(ChallengeHandle handle) => $"/settings/address/confirm/{handle}";

    protected override Task<IActionResult> CompletedAsync(HolderAddress subject, Done result, CancellationToken ct) =>
        Task.FromResult<IActionResult>(Redirect(AddressSettingsModel.Here + "?done=changed"));
}
