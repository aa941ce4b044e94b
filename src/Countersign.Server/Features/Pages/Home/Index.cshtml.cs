using Countersign.Server.Data;
using Countersign.Server.Features.Access.Sessions;
using Countersign.Server.Features.Confirming.Devices;
using Countersign.Server.Features.Registry.Accounts;
using Countersign.Server.Features.Registry.PhoneNumbers;
using Countersign.Server.Features.Registry.Users;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace Countersign.Server.Features.Pages.Home;

/// <summary>The client's home: what is on, what is missing, recent sign-ins.</summary>
internal sealed class IndexModel(CountersignDbContext db, History history) : PageModel
{
    private const int RecentEvents = 10;

    public SessionView Session => HttpContext.Session();

    public IReadOnlyList<Account> Accounts { get; private set; } = [];

    public IReadOnlyList<DeviceView> Devices { get; private set; } = [];

    /// <summary>Whether no number of the user is verified: account and trade messages cannot be sent.</summary>
    public bool LacksVerifiedNumber { get; private set; }

    /// <summary>The person's own name, as the broker has it.</summary>
    public string Name { get; private set; } = string.Empty;

    /// <summary>The sign-in before this one; null the first time.</summary>
    public HistoryLine? Last { get; private set; }

    public string? Mobile { get; private set; }

    public IReadOnlyList<HistoryLine> Recent { get; private set; } = [];

    public async Task OnGetAsync(CancellationToken ct)
    {
        var userId = Session.User.Id;
        Devices = await DeviceViews.ActiveAsync(db, userId, ct);
        Accounts = await AccountViews.OfUserAsync(db, userId, ct);
        var verified = (await db.PreferredNumberAsync(userId, ct))?.E164;
        Mobile = verified is null ? null : MobileNumber.Mask(verified);
        LacksVerifiedNumber = verified is null;
        Name = (await PersonViews.OfUserAsync(db, userId, ct)).Name;
        Last = await history.SignInBeforeAsync(db, Session.User, Session.CreatedAt, ct);
        Recent = await history.SignInsAsync(db, Session.User, RecentEvents, ct);
    }
}
