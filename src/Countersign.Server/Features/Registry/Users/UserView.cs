using Countersign.Server.Features.Ground.Jurisdictions;

namespace Countersign.Server.Features.Registry.Users;

/// <summary>What other slices may know of a user.</summary>
internal sealed record UserView(
    Guid Id, string Name, string? Email, string? Language, string TimeZone, DateTimeOffset? PasswordSetAt, Regime Regime,
    DateTimeOffset? FrozenAt = null, DateTimeOffset? EmailTrustedAt = null)
{
    /// <summary>
    /// Whether the e-mail address has been the user's long enough to stand for them: to confirm anything, or to bring them back (D4).
    /// </summary>
    public bool HasTrustedEmail(DateTimeOffset now) => Email is not null && !(EmailTrustedAt > now);
}
