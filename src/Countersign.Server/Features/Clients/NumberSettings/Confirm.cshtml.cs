using System.Globalization;
using Countersign.Server.Features.Access.Sessions;
using Countersign.Server.Features.Confirming.Challenges;
using Countersign.Server.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.RateLimiting;

namespace Countersign.Server.Features.Clients.NumberSettings;

/// <summary>The device that agrees to a change of numbers.</summary>
[EnableRateLimiting(HttpSlice.CostlyPolicy)]
[OpensChallenges]
internal sealed class NumberConfirmModel(ChallengeSteps steps, NumberChangePurpose purpose, ChangeNumbers change, Openers openers)
    : ChallengePageModel<NumberChangeSubject, ChangedNumber>(steps, purpose)
{
    public override string StartPath => "/settings/numbers";

    public override string OwnPath => PathOf(Handle);

    public static string PathOf(ChallengeHandle handle) => $"/settings/numbers/confirm/{handle}";

    /// <summary>A number that is new is verified next; the code goes out at once.</summary>
    protected override async Task<IActionResult> CompletedAsync(NumberChangeSubject subject, ChangedNumber result, CancellationToken ct)
    {
        if (result.ToVerify is not { } number)
        {
            return Redirect("/settings/numbers?done=" + (subject.Change == NumberChange.Prefer ? "preferred" : "removed"));
        }

        var opener = openers.OfSession(HttpContext);
        var step = await change.VerifyAsync(HttpContext.Session().User, opener, number, CultureInfo.CurrentUICulture, ct);
        return Redirect(step.Succeeded ? NumberVerifyModel.PathOf(step.Value.Challenge) : StartPath);
    }
}

/// <summary>The code that was sent to a number that is to be verified.</summary>
[EnableRateLimiting(HttpSlice.CostlyPolicy)]
internal sealed class NumberVerifyModel(
    ChallengeSteps steps, NumberVerificationPurpose purpose) : ChallengePageModel<NumberVerificationSubject, Done>(steps, purpose)
{
    public override string StartPath => "/settings/numbers";

    public override string OwnPath => PathOf(Handle);

    public override string Wording => ".number";

    public static string PathOf(ChallengeHandle handle) => $"/settings/numbers/verify/{handle}";

    protected override Task<IActionResult> CompletedAsync(NumberVerificationSubject subject, Done result, CancellationToken ct) =>
        Task.FromResult<IActionResult>(Redirect("/settings/numbers?done=verified"));
}
