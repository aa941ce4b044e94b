using System.Collections.Concurrent;
using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Countersign.Server.Features.Ground.Jurisdictions;

/// <summary>What the law of the user's country switches. Read from the user, never from options directly.</summary>
internal sealed class Regime
{
    public const string Section = "Regimes:Default";

    /// <summary>The regime of users of whom nothing else is known.</summary>
    public const string DefaultId = "default";

    /// <summary>Longest id, as it is stored with each user.</summary>
    public const int LongestId = 32;

    public string Id { get; init; } = DefaultId;

    /// <summary>How long a challenge can be answered. NIST SP 800-63B §3.1.3: at most ten minutes.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "00:10:00")]
    public TimeSpan ChallengeLifetime { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>How long a request on a phone can be approved, within the challenge's own lifetime (S17).</summary>
    [Range(typeof(TimeSpan), "00:00:30", "00:10:00")]
    public TimeSpan PushLifetime { get; set; } = TimeSpan.FromMinutes(3);

    /// <summary>Wrong responses that end a challenge.</summary>
    [Range(1, 10)]
    public int ChallengeTries { get; set; } = 5;

    /// <summary>How long an approved challenge may wait for its purpose (D8).</summary>
    [Range(typeof(TimeSpan), "00:00:10", "00:05:00")]
    public TimeSpan ApprovalLifetime { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>Least time between two messages with a code (S2).</summary>
    [Range(typeof(TimeSpan), "00:00:30", "00:10:00")]
    public TimeSpan MessageGap { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>
    /// Messages with a code to one device in 24 hours, from browsers that are known and, apart from them, from all others.
    /// </summary>
    [Range(3, 100)]
    public int MessagesPerDay { get; set; } = 20;

    /// <summary>Challenges that one source may open for a user in an hour.</summary>
    [Range(3, 1000)]
    public int ChallengesPerHour { get; set; } = 30;

    /// <summary>Wrong passwords from one source that lock it for the user (B15).</summary>
    [Range(3, 100)]
    public int WrongPasswordsPerSource { get; set; } = 10;

    /// <summary>Wrong passwords from all unknown sources together (D18).</summary>
    [Range(5, 10_000)]
    public int WrongPasswordsUnknownSources { get; set; } = 100;

    /// <summary>How long wrong passwords count.</summary>
    [Range(typeof(TimeSpan), "00:10:00", "7.00:00:00")]
    public TimeSpan WrongPasswordWindow { get; set; } = TimeSpan.FromHours(24);

    /// <summary>
    /// Wrong unsigned responses to a device, without a right one between, after which the password has to be changed (D9).
    /// </summary>
    [Range(5, 100)]
    public int WrongResponsesUntilPasswordChange { get; set; } = 10;

    /// <summary>
    /// Wrong responses to a device in a row, after which it answers no more: from browsers that have signed its user in and, apart from
    /// them, from all others (D9). NIST SP 800-63B-4 §3.2.2: at most 100.
    /// </summary>
    [Range(10, 100)]
    public int WrongResponsesInARow { get; set; } = 100;

    /// <summary>A session without activity ends after this.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "1.00:00:00")]
    public TimeSpan SessionIdle { get; set; } = TimeSpan.FromMinutes(30);

    /// <summary>A session ends after this, whatever is done in it. NIST SP 800-63B §2.2.3: 24 hours.</summary>
    [Range(typeof(TimeSpan), "00:05:00", "1.00:00:00")]
    public TimeSpan SessionLifetime { get; set; } = TimeSpan.FromHours(24);

    /// <summary>How long a new device or number works for signing in before it has the tier of its kind (B12, D2).</summary>
    [Range(typeof(TimeSpan), "00:00:00", "30.00:00:00")]
    public TimeSpan TrustAge { get; set; } = TimeSpan.FromHours(24);

    /// <summary>The same for kinds that move money without limit.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "30.00:00:00")]
    public TimeSpan TrustAgeUnlimited { get; set; } = TimeSpan.FromHours(72);

    /// <summary>
    /// How long a device that a weaker one suspended or reported as lost goes on counting as the client's strongest (D1).
    /// </summary>
    [Range(typeof(TimeSpan), "1.00:00:00", "30.00:00:00")]
    public TimeSpan LossHold { get; set; } = TimeSpan.FromHours(72);

    /// <summary>
    /// How long after that what a weaker device confirms is not trusted, however long it has been there (D1).
    /// </summary>
    [Range(typeof(TimeSpan), "1.00:00:00", "60.00:00:00")]
    public TimeSpan AfterLoss { get; set; } = TimeSpan.FromDays(7);

    /// <summary>How many time steps before the present one a time-based code may be from. RFC 6238 §5.2: at most one.</summary>
    [Range(0, 1)]
    public int TimeStepsBack { get; set; } = 1;

    /// <summary>
    /// Whether notices hold a link by which their reader says <em>this was not me</em>; where links are forbidden they hold a code.
    /// </summary>
    public bool LinksInNotices { get; set; } = true;

    /// <summary>Whether messages end with the line by which a browser finds the code (off where links in messages are forbidden).</summary>
    public bool OriginBoundCodes { get; set; } = true;

    /// <summary>Fewest characters of a phone app's PIN, where the broker's own setting asks for fewer (S26).</summary>
    [Range(4, 12)]
    public int PinMinimumLength { get; set; } = 4;
}

/// <summary>Checks <see cref="Regime"/> at start.</summary>
[OptionsValidator]
internal sealed partial class RegimeValidator : IValidateOptions<Regime>;

/// <summary>Finds the regime that is stored with a user. One exists so far; jurisdictions will bring others.</summary>
internal sealed partial class RegimeBook(IOptions<Regime> regime, ILogger<RegimeBook> logger)
{
    /// <summary>More ids than there are countries are a fault of whoever writes them, and not all told.</summary>
    private const int MostTold = 300;

    private readonly ConcurrentDictionary<string, bool> _told = new(StringComparer.Ordinal);

    /// <summary>For whom no user is known, such as a name that was typed and belongs to nobody.</summary>
    public Regime Default => regime.Value;

    /// <summary>The regime with this id. Users whose regime is not known here are held to the default, and that is told once.</summary>
    /// <remarks>Not refused: a wrong word in the database must not lock its user out, and the default is safe for anybody.</remarks>
    public Regime Of(string id)
    {
        if (id != Default.Id && _told.Count < MostTold && _told.TryAdd(id, true))
        {
            LogUnknown(id);
        }

        return Default;
    }

    [LoggerMessage(14001, LogLevel.Error, "The database names a regime {Regime}, which is not known; its users are held to the default.")]
    private partial void LogUnknown(string regime);
}

internal static class RegimesSlice
{
    public static IServiceCollection AddRegimes(this IServiceCollection services)
    {
        services.AddOptions<Regime>().BindConfiguration(Regime.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<Regime>, RegimeValidator>();
        return services.AddSingleton<RegimeBook>();
    }
}
