using System.Data.Common;
using Npgsql;

namespace Countersign.Server.Data;

/// <summary>
/// What a connection string with several hosts needs so that a node is at the promoted one within four seconds: a second until it
/// looks for itself again who is the primary, and three for a host that does not answer.
/// </summary>
internal static class PostgresHosts
{
    private const int RecheckSeconds = 1;
    private const int ConnectSeconds = 3;

    /// <summary>The operator's own string, with what it leaves open. With one host it stays as it is.</summary>
    public static NpgsqlConnectionStringBuilder WithFailOver(string? connection)
    {
        var hosts = new NpgsqlConnectionStringBuilder(connection);
        if (hosts.Host?.Contains(',', StringComparison.Ordinal) != true)
        {
            return hosts;
        }

        // Npgsql does not tell what was said from what it takes for granted.
        var said = new DbConnectionStringBuilder { ConnectionString = connection }.Keys.Cast<string>()
            .Select(k => k.Replace(" ", string.Empty, StringComparison.Ordinal))
            .ToHashSet(StringComparer.OrdinalIgnoreCase);
        hosts.TargetSessionAttributes ??= "primary";
        hosts.HostRecheckSeconds = said.Contains(nameof(hosts.HostRecheckSeconds)) ? hosts.HostRecheckSeconds : RecheckSeconds;
        hosts.Timeout = said.Contains(nameof(hosts.Timeout)) ? hosts.Timeout : ConnectSeconds;
        return hosts;
    }
}
