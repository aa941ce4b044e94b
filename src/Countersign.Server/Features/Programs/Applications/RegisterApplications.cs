using Countersign.Server.Data;
using Countersign.Server.Features.Ground.Audit;
using Microsoft.EntityFrameworkCore;

namespace Countersign.Server.Features.Programs.Applications;

/// <summary>What is handed over once: the secret is stored as a keyed hash and never seen again.</summary>
internal sealed record Credentials(string ClientId, string Secret);

/// <summary>Adds and removes registrations and renews secrets. Takes effect at the next request, on all nodes.</summary>
internal sealed class RegisterApplications(IWriter writer, ApplicationSecrets secrets, AuditTrail audit, TimeProvider time)
{
    public async Task<Credentials> AddAsync(
        string name, IReadOnlyList<string> scopes, IReadOnlyList<string> countries, CancellationToken ct)
    {
        var credentials = new Credentials(secrets.NewId(), secrets.NewSecret());
        var now = time.GetUtcNow();
        var id = Guid.CreateVersion7(now);
        var stored = secrets.Store(credentials.Secret);
        await writer.RunAsync(
            (db, _) =>
            {
                db.Add(Application.New(id, credentials.ClientId, stored, name, scopes, countries, now));
                audit.Add(
                    db, AuditEvents.ApplicationAdded, userId: null, Actor.Operator(),
                    ("application", credentials.ClientId),
                    ("scopes", string.Join(' ', scopes)), ("countries", string.Join(' ', countries)));
                return Task.CompletedTask;
            },
            ct);
        return credentials;
    }

    /// <summary>Gives a new secret; the one before stays valid for <paramref name="grace"/>. Null: there is no such application.</summary>
    public async Task<string?> RotateAsync(string clientId, TimeSpan grace, CancellationToken ct)
    {
        var secret = secrets.NewSecret();
        var stored = secrets.Store(secret);
        DateTimeOffset? until = time.GetUtcNow() + grace;
        var done = await writer.RunAsync(
            async (db, token) =>
            {
                var rotated = await db.Set<Application>().Where(a => a.ClientId == clientId).ExecuteUpdateAsync(
                    set => set.SetProperty(a => a.PreviousSecret, a => a.ClientSecret)
                        .SetProperty(a => a.PreviousSecretUntil, until)
                        .SetProperty(a => a.ClientSecret, stored),
                    token) == 1;
                if (rotated)
                {
                    audit.Add(db, AuditEvents.ApplicationSecretRotated, userId: null, Actor.Operator(), ("application", clientId));
                }

                return rotated;
            },
            ct);
        return done ? secret : null;
    }

    /// <summary>Ends the application's access at once. False: there is no such application.</summary>
    public Task<bool> RemoveAsync(string clientId, CancellationToken ct) => writer.RunAsync(
        async (db, token) =>
        {
            var removed = await db.Set<Application>().Where(a => a.ClientId == clientId).ExecuteDeleteAsync(token) == 1;
            if (removed)
            {
                audit.Add(db, AuditEvents.ApplicationRemoved, userId: null, Actor.Operator(), ("application", clientId));
            }

            return removed;
        },
        ct);
}
