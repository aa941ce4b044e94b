namespace Countersign.Faults;

/// <summary>What an installation is made of.</summary>
internal sealed record SitePlan(string Database, int Users)
{
    public const string Sqlite = "sqlite", Postgres = "postgres";

    /// <summary>Whether codes come by text message, through a gateway; else authenticator apps show them.</summary>
    public bool BySms { get; init; }

    /// <summary>Whether there are two nodes, behind nginx.</summary>
    public bool TwoNodes { get; init; }

    /// <summary>Whether the database lies on a small disk of its own.</summary>
    public bool SmallDisk { get; init; }

    /// <summary>Whether PostgreSQL has a second host, which has every commit before its client hears of it.</summary>
    public bool TwoHosts { get; init; }

    public bool LightHash { get; init; }
}
