namespace Countersign.Bench;

/// <summary>What to measure, and for how long.</summary>
internal sealed record BenchOptions(
    int Seconds, int Windows, int Clients, int Users, IReadOnlyList<string> Scenarios, string Database,
    FileInfo? Server, string Label, FileInfo? Against, FileInfo? Json, FileInfo? Document, string Section, bool LightHash)
{
    /// <summary>Starting is measured like the others, but without load.</summary>
    public const string Start = "start";

    /// <summary>One password hash, one signature, and our arithmetic beside another library's: without a server.</summary>
    public const string Hash = "hash", Signature = "signature", Oath = "oath";

    public static readonly IReadOnlyList<string> AllScenarios =
    [
        Hash, Signature, Oath, "floor", "page", "totp", "sms", "code-card", "passkey", "session", "sign-in", Start,
    ];

    /// <summary>What is measured without load.</summary>
    public static readonly IReadOnlyList<string> WithoutLoad = [Hash, Signature, Oath, Start];

    /// <summary>What the rows call the build that is measured against.</summary>
    public const string Before = "before";

    public IReadOnlyList<string> Databases => Database == "both" ? ["sqlite", "postgres"] : [Database];

    /// <summary>Where the embedded database stays, to be measured again without being filled; null: nowhere.</summary>
    public DirectoryInfo? Keep { get; init; }

    /// <summary>Whether all have but the text message, so that nobody has to pick a device.</summary>
    public bool OneDevice { get; init; }

    /// <summary>How long to look whether anything grows; zero: not at all, but to measure.</summary>
    public TimeSpan Steady { get; init; }

    /// <summary>Where the curves of a long run are drawn.</summary>
    public FileInfo? Plot { get; init; }

    public int Starts { get; private init; } = 5;

    public bool IsSmoke { get; private init; }

    /// <summary>Every path once, as fast as it goes.</summary>
    public BenchOptions Smoke() => this with { Seconds = 1, Windows = 1, Clients = 2, Users = 20, Starts = 1, IsSmoke = true };
}
