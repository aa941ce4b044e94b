using Countersign.Server.Data;
using Countersign.Server.Features.Programs.Api;
using Countersign.Server.Features.Programs.Applications;
using Microsoft.EntityFrameworkCore;

namespace Countersign.Server.Features.Pages.Demo;

/// <summary>
/// An application whose secret is public, so that the API can be tried at once. Only a demo database ever holds it (D30).
/// </summary>
internal sealed class DemoApplication(IWriter writer, ApplicationSecrets secrets, TimeProvider time)
{
    public const string ClientId = ApplicationSecrets.IdPrefix + "demo";
    public const string Secret = ApplicationSecrets.SecretPrefix + "demo-public-secret";

    public static string Greeting => $"  API          client_id {ClientId}, client_secret {Secret} (docs/api.md)";

    /// <summary>Registers it once.</summary>
    public async Task SeedAsync(CancellationToken ct)
    {
        var now = time.GetUtcNow();
        var id = Guid.CreateVersion7(now);
        var stored = secrets.Store(Secret);
        await writer.RunAsync(
            async (db, token) =>
            {
                if (!await db.Set<Application>().AnyAsync(a => a.ClientId == ClientId, token))
                {
                    db.Add(Application.New(id, ClientId, stored, "Demo platform", ApiScopes.All, countries: [], now));
                }
            },
            ct);
    }
}
