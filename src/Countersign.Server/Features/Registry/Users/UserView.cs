using Countersign.Server.Features.Ground.Jurisdictions;

namespace Countersign.Server.Features.Registry.Users;

/// <summary>What other slices may know of a user.</summary>
internal sealed record UserView(
    Guid Id, string Name, string? Email, string? Language, string TimeZone, DateTimeOffset? PasswordSetAt, Regime Regime,
    DateTimeOffset? FrozenAt = null);
