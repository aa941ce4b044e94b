using System.Globalization;
using Countersign.Server.Features.Access.Sessions;
using Countersign.Server.Features.Confirming.Challenges;
using Countersign.Server.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.RateLimiting;

namespace Countersign.Server.Features.Confirming.DeviceSettings;

/// <summary>The device that agrees to a change of devices.</summary>
[EnableRateLimiting(HttpSlice.CostlyPolicy)]
internal sealed class DeviceConfirmModel(ChallengeDesk desk, ChangeDevices change, Openers openers) : ChallengePageModel(desk)
{
    protected override string PurposeId => DeviceChangePurpose.PurposeId;

    public override string StartPath => "/settings/devices";

    public override string OwnPath => PathOf(Handle);

    public static string PathOf(ChallengeHandle handle) => $"/settings/devices/confirm/{handle}";

    /// <summary>A device that is new is activated next.</summary>
    protected override async Task<IActionResult> CompletedAsync(ChallengeView approved, object? value, CancellationToken ct)
    {
        if (value is not Guid device)
        {
            return Redirect("/settings/devices?done=" + Done(DeviceChangePurpose.Read(approved.Subject).Change));
        }

        var begun = await change.ActivateAsync(approved.User, HttpContext.Session().Id, openers.Get(HttpContext, Opener.KnownBySession), device, CultureInfo.CurrentUICulture, ct);
        return Redirect(begun.Succeeded ? DeviceActivateModel.PathOf(begun.Value) : $"/settings/devices/{device}");
    }

    private static string Done(DeviceChange change) => change switch
    {
        DeviceChange.Suspend => "suspended",
        DeviceChange.Resume => "resumed",
        DeviceChange.Lost => "lost",
        _ => "removed",
    };
}

/// <summary>The new device itself, which shows that it is in the client's hands.</summary>
[EnableRateLimiting(HttpSlice.CostlyPolicy)]
internal sealed class DeviceActivateModel(ChallengeDesk desk) : ChallengePageModel(desk)
{
    protected override string PurposeId => DeviceActivationPurpose.PurposeId;

    public override string StartPath => "/settings/devices";

    public override string OwnPath => PathOf(Handle);

    public override string PromptPart => "_Activate";

    public static string PathOf(ChallengeHandle handle) => $"/settings/devices/activate/{handle}";

    protected override Task<IActionResult> CompletedAsync(ChallengeView approved, object? value, CancellationToken ct) =>
        Task.FromResult<IActionResult>(Redirect("/settings/devices?done=activated"));
}
