using System.Globalization;
using Countersign.Server.Features.Access.Sessions;
using Countersign.Server.Features.Confirming.Challenges;
using Countersign.Server.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.RateLimiting;

namespace Countersign.Server.Features.Confirming.DeviceSettings;

/// <summary>The device that agrees to a change of devices.</summary>
[EnableRateLimiting(HttpSlice.CostlyPolicy)]
[OpensChallenges]
internal sealed class DeviceConfirmModel(ChallengeSteps steps, DeviceChangePurpose purpose, ChangeDevices change, Openers openers)
    : ChallengePageModel<DeviceChangeSubject, ChangedDevice>(steps, purpose)
{
    public override string StartPath => "/settings/devices";

    public override string OwnPath => PathOf(Handle);

    public static string PathOf(ChallengeHandle handle) => $"/settings/devices/confirm/{handle}";

    /// <summary>A device that is new is activated next.</summary>
    protected override async Task<IActionResult> CompletedAsync(DeviceChangeSubject subject, ChangedDevice result, CancellationToken ct)
    {
        if (result.Waiting is not { } device)
        {
            return Redirect("/settings/devices?done=" + Done(subject.Change));
        }

        var session = HttpContext.Session();
        var wish = new Wish(session.User, session.Id, openers.OfSession(HttpContext), CultureInfo.CurrentUICulture);
        var begun = await change.ActivateAsync(wish, device, ct);
        return Redirect(begun.Succeeded ? DeviceActivateModel.PathOf(begun.Value) : $"/settings/devices/{device}");
    }

    private static string Done(DeviceChange change) => change switch
    {
        DeviceChange.Suspend => "suspended",
        DeviceChange.Resume => "resumed",
        DeviceChange.Unlock => "unlocked",
        DeviceChange.Lost => "lost",
        _ => "removed",
    };
}

/// <summary>The new device itself, which shows that it is in the client's hands.</summary>
[EnableRateLimiting(HttpSlice.CostlyPolicy)]
internal sealed class DeviceActivateModel(
    ChallengeSteps steps, DeviceActivationPurpose purpose) : ChallengePageModel<DeviceActivationSubject, Done>(steps, purpose)
{
    public override string StartPath => "/settings/devices";

    public override string OwnPath => PathOf(Handle);

    public override string PromptPart => "_Activate";

    public static string PathOf(ChallengeHandle handle) => $"/settings/devices/activate/{handle}";

    protected override Task<IActionResult> CompletedAsync(DeviceActivationSubject subject, Done result, CancellationToken ct) =>
        Task.FromResult<IActionResult>(Redirect("/settings/devices?done=activated"));
}
