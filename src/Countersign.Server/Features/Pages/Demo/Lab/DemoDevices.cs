using Countersign.Protocol.Oath;
using Countersign.Server.Data;
using Countersign.Server.Data.Protection;
using Countersign.Server.Features.Confirming.Devices;
using Countersign.Server.Features.Ground.Audit;
using Countersign.Server.Features.Kinds.AuthenticatorApps;
using Countersign.Server.Features.Kinds.CodeCards;
using Countersign.Server.Features.Kinds.CodeCards.Import;
using Countersign.Server.Features.Registry.Users;
using Microsoft.EntityFrameworkCore;

namespace Countersign.Server.Features.Pages.Demo.Lab;

/// <summary>Gives the personas their devices beyond the phone.</summary>
internal sealed class DemoDevices(
    IWriter writer, CardWriter cards, NewCredentials credentials, DeviceLife life, ISecrets secrets,
    TimeProvider time)
{
    private static readonly Actor Seeder = Actor.Import("demo");
    private const int Cells = 224;

    /// <summary>Nothing that looks like something else.</summary>
    private const string Signs = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789";

    /// <summary>Cards by serial number. Two user names of one person may share one.</summary>
    private static readonly (string Serial, string[] Users, CardStanding Standing)[] Cards =
    [
        ("NYCC30417292", ["olivia.reed", "reed.joint"], CardStanding.Active),
        ("SGCC50630054", ["tan.wei"], CardStanding.Shipped),
    ];

    private static readonly (string User, string Serial, string Label)[] Apps =
    [
        ("olivia.reed", "demo-app-1", "Phone"), ("olivia.reed", "demo-app-2", "Tablet"),
    ];

    private static readonly string[] Holders = [.. Cards.SelectMany(c => c.Users).Concat(Apps.Select(a => a.User)).Distinct()];

    /// <summary>What a persona has beside the phone, in words for the greeting.</summary>
    public static string Say(string userName)
    {
        var card = Cards.Where(c => c.Users.Contains(userName))
            .Select(c => c.Standing == CardStanding.Active ? ", code card" : ", code card on its way")
            .SingleOrDefault();
        var apps = Apps.Count(a => a.User == userName);
        return card + (apps > 0 ? $", {apps} authenticator apps" : null);
    }

    /// <summary>The same as keys of texts.</summary>
    public static IEnumerable<string> ChipsOf(string userName)
    {
        foreach (var card in Cards.Where(c => c.Users.Contains(userName)))
        {
            yield return card.Standing == CardStanding.Active ? "chip.card" : "chip.card.shipped";
        }

        if (Apps.Any(a => a.User == userName))
        {
            yield return "chip.apps";
        }
    }

    /// <summary>Adds what is not there yet, to those personas that are.</summary>
    public Task SeedAsync(CancellationToken ct) => writer.RunAsync(
        async (db, token) =>
        {
            // A database that was filled otherwise has none of them.
            var there = await db.Set<User>().Select(u => u.NormalisedName).Where(n => Holders.Contains(n)).ToListAsync(token);
            foreach (var (serial, users, standing) in Cards)
            {
                await AddCardAsync(db, serial, [.. users.Intersect(there)], standing, token);
            }

            foreach (var (user, serial, label) in Apps.Where(a => there.Contains(a.User)))
            {
                await AddAppAsync(db, user, serial, label, token);
            }
        },
        ct);

    private async Task AddCardAsync(CountersignDbContext db, string serial, string[] users, CardStanding standing, CancellationToken ct)
    {
        if (await db.Set<Credential>().AnyAsync(c => c.Kind == CodeCardKind.KindId && c.Serial == serial, ct))
        {
            return;
        }

        var values = string.Concat(Enumerable.Range(0, Cells * CodeCard.CellLength).Select(_ => Signs[secrets.Below(Signs.Length)]));
        foreach (var user in users)
        {
            await cards.WriteAsync(db, [new CardRow(0, serial, values, user, standing)], Seeder, ct);
            await db.SaveChangesAsync(ct);
        }
    }

    private async Task AddAppAsync(CountersignDbContext db, string userName, string serial, string label, CancellationToken ct)
    {
        var userId = await db.Set<User>().Where(u => u.NormalisedName == userName).Select(u => u.Id).SingleAsync(ct);
        if (await db.Set<Credential>().AnyAsync(
            c => c.OwnerId == userId && c.Kind == AuthenticatorAppKind.KindId && c.Serial == serial, ct))
        {
            return;
        }

        var app = new AppKey(secrets.Bytes(AppKey.Length(OathHash.Sha1)), OathHash.Sha1, Digits: 6);
        var credential = credentials.Add(db, userId, AuthenticatorAppKind.KindId, app.ToBytes(), serial);
        var device = new NewDevice(userId, credential, label, DeviceStatus.Active, AuthenticatorAppKind.KindId)
        {
            TrustedAt = time.GetUtcNow(),
        };
        await life.MakeAsync(db, device, new Cause(Seeder) { ToldElsewhere = true }, ct);
    }
}
