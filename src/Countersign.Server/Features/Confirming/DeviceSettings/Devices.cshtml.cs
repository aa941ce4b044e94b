using System.Globalization;
using Countersign.Server.Data;
using Countersign.Server.Features.Access.Sessions;
using Countersign.Server.Features.Confirming.Devices;
using Countersign.Server.Features.Confirming.Devices.Tiers;
using Countersign.Server.Http;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.Extensions.Localization;
using Microsoft.Extensions.Options;

namespace Countersign.Server.Features.Confirming.DeviceSettings;

/// <summary>Settings → Security → Devices: what the client has, had, and can add.</summary>
internal sealed class DevicesModel(
    CountersignDbContext db, KindCatalog kinds, DeviceReach reaches, IOptions<DeviceOptions> options) : PageModel
{
    private const int MostPast = 20;
    private static readonly string[] Deeds = ["activated", "suspended", "resumed", "unlocked", "lost", "removed", "renamed", "preferred"];
    private static readonly DeviceStatus[] Ended = [DeviceStatus.Lost, DeviceStatus.Revoked, DeviceStatus.Expired];

    public SessionView Current => HttpContext.Session();

    /// <summary>Waiting, active and suspended ones.</summary>
    public IReadOnlyList<DeviceView> Live { get; private set; } = [];

    public IReadOnlyList<DeviceView> Past { get; private set; } = [];

    public IReadOnlyList<IDeviceKind> Addable =>
        [.. options.Value.AddableKinds().Select(kinds.Find).OfType<IAddableKind>()];

    /// <summary>
    /// Until when none of the devices may change another, because a stronger one was suspended or reported as lost; null where one may,
    /// or where time alone does not help.
    /// </summary>
    public DateTimeOffset? HeldUntil { get; private set; }

    public string? Refusal { get; private set; }

    /// <summary>What was just done, to be said once.</summary>
    public string? Done => Deeds.FirstOrDefault(d => Request.Query["done"] == d);

    public async Task OnGetAsync(CancellationToken ct)
    {
        Refusal = this.Carried()?.Text;

        var all = await DeviceViews.AllAsync(db, Current.User.Id, ct);
        Live =
        [
            .. all.Where(d => !Ended.Contains(d.Status)).OrderBy(d => d.Status != DeviceStatus.Active).ThenByDescending(d => d.Preferred)
                .ThenByDescending(d => d.LastUsedAt ?? d.CreatedAt),
        ];
        HeldUntil = await reaches.NoneReachesBeforeAsync(db, Current.User, [.. Live.Where(d => d.Status == DeviceStatus.Active)], ct);
        Past = [.. all.Where(d => Ended.Contains(d.Status)).OrderByDescending(d => d.EndedAt ?? d.CreatedAt).Take(MostPast)];
    }

    /// <summary>What the kind is, in a sentence of its own.</summary>
    public string About(IDeviceKind kind) => kinds.Text(kind.Id, "about", CultureInfo.CurrentUICulture);
}

/// <summary>How pages name and colour a device's status, and say its limits.</summary>
internal sealed class DeviceWords(DeviceTiers tiers, IStringLocalizer<DeviceText> texts, IStringLocalizer<ErrorText> errors)
{
    /// <summary>What an active device may move out, and when it has its own limits; null when it has them.</summary>
    public (string Limits, DateTimeOffset? RisesAt) LimitsOf(DeviceView device)
    {
        var tier = tiers.Of(device);
        var limits = tier.Unlimited
            ? texts["limits.none"]
            : texts["limits.amounts", tier.PerDay!.Value.ToString(
                "N0", CultureInfo.CurrentCulture), tier.PerFiveDays!.Value.ToString("N0", CultureInfo.CurrentCulture)];
        return (limits, tiers.IsHeldDown(device) ? device.TrustedAt : null);
    }

    public string Say(Error error) => errors.Say(error);

    public static string Key(DeviceStatus status) => status.ToString().ToLowerInvariant();

    public static string? Chip(DeviceStatus status) => status switch
    {
        DeviceStatus.Active => "chip--success",
        DeviceStatus.Suspended or DeviceStatus.Ordered or DeviceStatus.Shipped or DeviceStatus.Waiting => "chip--warning",
        _ => null,
    };
}
