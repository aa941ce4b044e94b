using Countersign.Server.Features.Regimes;

namespace Countersign.Server.Features.Users;

/// <summary>What other slices may know of a user.</summary>
internal sealed record UserView(Guid Id, string Name, string? Email, string? Language, string TimeZone, DateTimeOffset? PasswordSetAt, Regime Regime, DateTimeOffset? FrozenAt = null);
