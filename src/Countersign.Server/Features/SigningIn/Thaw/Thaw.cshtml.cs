using Countersign.Server.Features.Confirming.Challenges;
using Countersign.Server.Http;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.RateLimiting;

namespace Countersign.Server.Features.SigningIn.Thaw;

/// <summary>The device that opens a frozen user again.</summary>
[AllowAnonymous]
[EnableRateLimiting(HttpSlice.CostlyPolicy)]
internal sealed class ThawModel(ChallengeSteps steps, ThawPurpose purpose) : ChallengePageModel<ThawSubject, Done>(steps, purpose)
{
    public override string StartPath => "/sign-in";

    public override string OwnPath => PathOf(Handle);

    public static string PathOf(ChallengeHandle handle) => $"/sign-in/thaw/{handle}";

    /// <summary>No session: whoever has opened it signs in again, and changes the password.</summary>
    protected override Task<IActionResult> CompletedAsync(ThawSubject subject, Done result, CancellationToken ct) =>
        Task.FromResult<IActionResult>(Redirect("/sign-in?thawed=1"));

    /// <summary>A freeze means that somebody else may be using the client's browser.</summary>
    protected override DateTimeOffset? KnownSince() => null;
}
