namespace Countersign.Server.Features.Ground.Audit;

/// <summary>What sort of somebody, or something, acts.</summary>
internal enum ActorKind
{
    /// <summary>The owner of a user name, or whoever says so.</summary>
    Client,

    /// <summary>Client services staff.</summary>
    Agent,

    /// <summary>A program that relies on Countersign, or whatever says so.</summary>
    Application,

    /// <summary>Who runs the installation, by its command line or its own pages.</summary>
    Operator,

    /// <summary>The server by itself.</summary>
    Job,

    /// <summary>A file that an operator gave in.</summary>
    Import,
}

/// <summary>Who did something, and from where. Both stand in every row of the audit and of a history.</summary>
/// <param name="Id">The id of a user, agent or application, or the name of an operator, job or file; null where nobody is known.</param>
/// <param name="Source">IPv4 address or IPv6 /64; null for what comes from no network.</param>
internal sealed record Actor(ActorKind Kind, string? Id, string? Source)
{
    /// <summary>Of <see cref="Id"/> and <see cref="Source"/> each.</summary>
    public const int MaximumLength = 64;

    /// <summary>The session in which a client acts; null outside one.</summary>
    public Guid? Session { get; init; }

    /// <param name="userId">Null where the name that was typed belongs to nobody, or to nobody known yet.</param>
    public static Actor Client(Guid? userId, string source) => new(ActorKind.Client, userId?.ToString(), source);

    public static Actor Application(string clientId, string source) => new(ActorKind.Application, clientId, source);

    /// <param name="source">Null on the command line.</param>
    /// <param name="name">As the code to the operators' pages was made for; null on the command line, which knows no names.</param>
    public static Actor Operator(string? source = null, string? name = null) => new(ActorKind.Operator, name, source);

    public static Actor Job(string name) => new(ActorKind.Job, name, null);

    /// <param name="file">The file's name without its folder; of a long one the end, which tells more files apart.</param>
    public static Actor Import(string file) => new(ActorKind.Import, Ending(file), null);

    private static string Ending(string file)
    {
        // Neither half a character nor what no column takes: a file may be called anything.
        var name = string.Concat(file.EnumerateRunes().Where(r => !System.Text.Rune.IsControl(r)));
        var end = name.Length <= MaximumLength ? name : name[^MaximumLength..];
        return end.Length > 0 && char.IsLowSurrogate(end[0]) ? end[1..] : end;
    }
}
