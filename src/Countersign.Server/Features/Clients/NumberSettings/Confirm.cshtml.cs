using System.Globalization;
using Countersign.Server.Features.Confirming.Challenges;
using Countersign.Server.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.RateLimiting;

namespace Countersign.Server.Features.Clients.NumberSettings;

/// <summary>The device that agrees to a change of numbers.</summary>
[EnableRateLimiting(HttpSlice.CostlyPolicy)]
internal sealed class NumberConfirmModel(ChallengeDesk desk, ChangeNumbers change, Openers openers) : ChallengePageModel(desk)
{
    protected override string PurposeId => NumberChangePurpose.PurposeId;

    public override string StartPath => "/settings/numbers";

    public override string OwnPath => PathOf(Handle);

    public static string PathOf(ChallengeHandle handle) => $"/settings/numbers/confirm/{handle}";

    /// <summary>A number that is new is verified next; the code goes out at once.</summary>
    protected override async Task<IActionResult> CompletedAsync(ChallengeView approved, object? value, CancellationToken ct)
    {
        if (value is not Guid number)
        {
            return Redirect("/settings/numbers?done=" + (NumberChangePurpose.ChangeOf(approved.Subject) == NumberChange.Prefer ? "preferred" : "removed"));
        }

        var opener = openers.Get(HttpContext, Opener.KnownBySession);
        var step = await change.VerifyAsync(approved.User, opener, number, CultureInfo.CurrentUICulture, ct);
        return Redirect(step.Succeeded ? NumberVerifyModel.PathOf(step.Value.Challenge) : StartPath);
    }
}

/// <summary>The code that was sent to a number that is to be verified.</summary>
[EnableRateLimiting(HttpSlice.CostlyPolicy)]
internal sealed class NumberVerifyModel(ChallengeDesk desk) : ChallengePageModel(desk)
{
    protected override string PurposeId => NumberVerificationPurpose.PurposeId;

    public override string StartPath => "/settings/numbers";

    public override string OwnPath => PathOf(Handle);

    public override string Wording => ".number";

    public static string PathOf(ChallengeHandle handle) => $"/settings/numbers/verify/{handle}";

    protected override Task<IActionResult> CompletedAsync(ChallengeView approved, object? value, CancellationToken ct) =>
        Task.FromResult<IActionResult>(Redirect("/settings/numbers?done=verified"));
}
