using System.Globalization;
using System.Text.Json;
using Countersign.Protocol.Statements;
using Countersign.Server.Data;
using Countersign.Server.Features.Ground.Jurisdictions;
using Countersign.Server.Features.Registry.Users;

namespace Countersign.Server.Features.Confirming.Challenges;

/// <summary>The limits of a challenge.</summary>
internal sealed record ChallengeRules(TimeSpan Lifetime, int Tries)
{
    public static ChallengeRules Of(Regime regime) => new(regime.ChallengeLifetime, regime.ChallengeTries);
}

/// <summary>What the person agrees to: the exact text and the facts it stands for. Its hash is bound into the challenge.</summary>
internal sealed record Statement(string Text, IReadOnlyList<StatementDetail> Details);

/// <summary>What came of an approved challenge.</summary>
/// <param name="Value">For the page that answered.</param>
/// <param name="Refusal">Why the purpose could not be carried out; stored, and the code stays spent.</param>
internal sealed record Outcome(object? Value, Error? Refusal = null);

/// <summary>A challenge as kinds and purposes see it.</summary>
/// <param name="KnownBrowser">Whether the opener's browser has signed this user in before.</param>
internal sealed record ChallengeView(
    UserView User, Guid Id, string Purpose, JsonElement Subject, string Statement, string Language, DateTimeOffset ExpiresAt, string Source, bool KnownBrowser);

/// <summary>A reason to open challenges. It never knows how a device works.</summary>
internal interface IPurpose
{
    /// <summary>Stable, such as <c>withdrawal</c>.</summary>
    string Id { get; }

    ChallengeRules Rules(UserView user);

    /// <summary>Whether it is answered by a device that is not active yet: the answer shows that the person has it.</summary>
    bool Activates => false;

    /// <summary>Whether it is open to a user who is frozen: the way back (D26).</summary>
    bool Thaws => false;

    /// <summary>The exact text, in the person's language.</summary>
    Statement Say(JsonElement subject, CultureInfo language);

    /// <summary>Null: this device may answer; else why not.</summary>
    Error? Refuses(DeviceView device, KindTraits kind, JsonElement subject);

    /// <summary>Carries the purpose out, in the unit that turns Approved into Used.</summary>
    Task<Outcome> CompleteAsync(ChallengeView approved, DeviceView device, CountersignDbContext db, CancellationToken ct);
}
