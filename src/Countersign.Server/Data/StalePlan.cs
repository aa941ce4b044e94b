using Npgsql;

namespace Countersign.Server.Data;

/// <summary>
/// A statement that was prepared before an upgrade changed its table. Other idle connections have it too: closed, they are made anew.
/// </summary>
internal static class StalePlan
{
    public static bool Is(PostgresException fault) => fault.SqlState == PostgresErrorCodes.FeatureNotSupported;
}
