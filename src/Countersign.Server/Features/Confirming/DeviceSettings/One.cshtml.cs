using System.Globalization;
using Countersign.Server.Data;
using Countersign.Server.Features.Access.Sessions;
using Countersign.Server.Features.Confirming.Challenges;
using Countersign.Server.Features.Confirming.Devices;
using Countersign.Server.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.Extensions.Options;

namespace Countersign.Server.Features.Confirming.DeviceSettings;

/// <summary>One device: its name, its limits, its history, and how to end it.</summary>
[EnableRateLimiting(HttpSlice.CostlyPolicy)]
[OpensChallenges]
internal sealed class OneDeviceModel(
    CountersignDbContext db, ChangeDevices change, NameDevice name, DeviceWords words, KindCatalog kinds, Openers openers,
    IOptions<DeviceOptions> options) : PageModel
{
    private static readonly string[] Deeds = ["renamed", "preferred"];
    private IReadOnlyList<DeviceView> _all = [];

    [FromRoute(Name = "id")]
    public Guid Id { get; set; }

    public SessionView Current => HttpContext.Session();

    public DeviceView? Device { get; private set; }

    public IReadOnlyList<DeviceEvent> History { get; private set; } = [];

    /// <summary>What it may move out, in words.</summary>
    public string? Limits { get; private set; }

    /// <summary>When its own limits begin to count; null when they do.</summary>
    public DateTimeOffset? RisesAt { get; private set; }

    /// <summary>The device, where its kind has settings of its own.</summary>
    public DeviceView? WithSettings { get; private set; }

    public bool IsLive => DeviceLife.Held.Contains(Device!.Status);

    /// <summary>Whether the client can say that it has arrived.</summary>
    public bool IsAddable => options.Value.CanAdd(Device!.Kind) && kinds.Find(Device.Kind) is IAddableKind;

    /// <summary>Whether it has had too many wrong codes in a row.</summary>
    public bool IsLocked => Device!.MostTries >= Current.User.Regime.WrongResponsesInARow;

    /// <summary>What can be done with it now, as the form says it.</summary>
    public IReadOnlyList<string> Changes => Device!.Status switch
    {
        DeviceStatus.Active when IsLocked => ["unlock", "suspend", "lost", "remove"],
        DeviceStatus.Active => ["suspend", "lost", "remove"],
        DeviceStatus.Suspended => ["resume", "lost", "remove"],
        _ => ["remove"],
    };

    public string? Refusal { get; private set; }

    public string? RefusedField { get; private set; }

    public string? Typed { get; private set; }

    public string? Done => Deeds.FirstOrDefault(d => Request.Query["done"] == d);

    public async Task<IActionResult> OnGetAsync(CancellationToken ct)
    {
        _all = await DeviceViews.AllAsync(db, Current.User.Id, ct);
        Device = _all.SingleOrDefault(d => d.Id == Id);
        if (Device is null)
        {
            return NotFound();
        }

        History = await DeviceHistory.OfAsync(db, Current.User.Id, Id, ct);
        if (Device.Status == DeviceStatus.Active)
        {
            (Limits, RisesAt) = words.LimitsOf(Device);
            WithSettings = kinds.Find(Device.Kind) is IKindWithSettings ? Device : null;
        }

        var carried = this.Carried();
        (Refusal, RefusedField, Typed) = (carried?.Text, carried?.Field, carried?.Typed);
        return Page();
    }

    public async Task<IActionResult> OnPostRenameAsync(string? label, CancellationToken ct) =>
        await name.RenameAsync(Current.User, Id, label, ClientSource.Of(HttpContext), ct) is { } refusal
            ? Refuse(refusal, "label", label)
            : Redirect(Here + "?done=renamed");

    public async Task<IActionResult> OnPostPreferAsync(CancellationToken ct) =>
        await name.PreferAsync(Current.User, Id, ClientSource.Of(HttpContext), ct) is { } refusal
            ? Refuse(refusal)
            : Redirect(Here + "?done=preferred");

    public async Task<IActionResult> OnPostChangeAsync(string? change, CancellationToken ct)
    {
        if (!Enum.TryParse<DeviceChange>(change, ignoreCase: true, out var wanted) || wanted == DeviceChange.Add || !Enum.IsDefined(wanted))
        {
            return Refuse(DeviceErrors.Gone);
        }

        var begun = await ChangeAsync(wanted, ct);
        return begun.Succeeded ? Redirect(DeviceConfirmModel.PathOf(begun.Value)) : Refuse(begun.Error);
    }

    public async Task<IActionResult> OnPostActivateAsync(CancellationToken ct)
    {
        var begun = await change.ActivateAsync(Wish(), Id, ct);
        return begun.Succeeded ? Redirect(DeviceActivateModel.PathOf(begun.Value)) : Refuse(begun.Error);
    }

    /// <summary>The device that agreed, as the client knows it.</summary>
    public string? NameOf(Guid? deviceId) =>
        _all.SingleOrDefault(d => d.Id == deviceId) is { } by ? $"{kinds.Name(by.Kind, CultureInfo.CurrentUICulture)} {by.Label}" : null;

    private string Here => $"/settings/devices/{Id}";

    private Task<Result<ChallengeHandle>> ChangeAsync(DeviceChange wanted, CancellationToken ct) =>
        change.ChangeAsync(Wish(), wanted, Id, ct);

    private Wish Wish() => new(Current.User, Current.Id, openers.OfSession(HttpContext), CultureInfo.CurrentUICulture);

    private RedirectResult Refuse(Error error, string? field = null, string? typed = null) =>
        this.Carry(
            Here, CarriedRefusal.Of(error, words.Say(error), field is not null && error.Kind == ErrorKind.Invalid ? field : null, typed));
}
