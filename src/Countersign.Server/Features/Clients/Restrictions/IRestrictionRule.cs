using Countersign.Server.Data;

namespace Countersign.Server.Features.Clients.Restrictions;

/// <summary>A reason why a user of an account may not do something now.</summary>
/// <param name="Code">Stable; its text is in <see cref="RestrictionText"/>.</param>
/// <param name="User">The user's name.</param>
/// <param name="Forbids">What the platform is to refuse, such as <c>orders.open</c>.</param>
internal sealed record Restriction(string Code, string User, DateTimeOffset Since, IReadOnlyList<string> Forbids);

/// <summary>
/// Derives restrictions from what is true now. Nothing is stored, so that a restriction is lifted in the very moment in which its
/// reason goes away.
/// </summary>
internal interface IRestrictionRule
{
    /// <summary>The codes that the rule may give.</summary>
    IReadOnlyList<string> Codes { get; }

    Task<IReadOnlyList<Restriction>> OfAsync(CountersignDbContext db, Guid accountId, CancellationToken ct);
}
