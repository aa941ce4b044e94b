namespace Countersign.Faults;

/// <summary>How long people sign in before something goes wrong and after it is mended, and how many of them.</summary>
/// <param name="LightHash">Passwords cost next to nothing: many sign-ins in little time.</param>
internal sealed record FaultOptions(string Database, int Users, int Clients, TimeSpan Before, TimeSpan After, bool LightHash)
{
    public IReadOnlyList<string> Databases => Database == "both" ? [SitePlan.Sqlite, SitePlan.Postgres] : [Database];
}
