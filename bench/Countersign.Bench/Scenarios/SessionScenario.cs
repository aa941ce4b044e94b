using Countersign.Server.Data;
using Countersign.Server.Data.Protection;
using Countersign.Server.Features.Access.Sessions;
using Countersign.Server.Features.Kinds.TextMessages;
using Microsoft.Extensions.DependencyInjection;

namespace Countersign.Bench.Scenarios;

/// <summary>The home page of somebody who is signed in.</summary>
internal sealed class SessionScenario(Target target) : IScenario
{
    private const int UsersPerCommit = 200;

    private readonly List<string> _tokens = [];
    private int _next;

    public string Name => "session";

    public async Task PrepareAsync(int operations, CancellationToken ct)
    {
        _tokens.Clear();
        var secrets = target.Services.GetRequiredService<ISecrets>();
        var keys = target.Services.GetRequiredService<MasterKeys>();
        await using var db = target.Services.GetRequiredService<Contexts>().Write();
        foreach (var users in target.Users.Take(operations).Chunk(UsersPerCommit))
        {
            _tokens.AddRange(users.Select(user => Add(db, user, secrets, keys)));
            await db.SaveChangesAsync(ct);
            db.ChangeTracker.Clear();
        }
    }

    public Task EnterAsync(BenchClient client) => client.GetAsync("/sign-in");

    public async Task<bool> OnceAsync(BenchClient client)
    {
        client.Reset((SessionAuthentication.CookieName, _tokens[(int)((uint)Interlocked.Increment(ref _next) % (uint)_tokens.Count)]));
        await client.GetAsync("/");
        return true;
    }

    private static string Add(CountersignDbContext db, BenchUser user, ISecrets secrets, MasterKeys keys)
    {
        var now = TimeProvider.System.GetUtcNow();
        var token = SessionToken.New(user.Id, Guid.CreateVersion7(now), secrets);
        db.Add(new Session
        {
            UserId = user.Id,
            Id = token.SessionId,
            TokenHash = token.Hash(keys),
            CreatedAt = now,
            LastSeenAt = now,
            ExpiresAt = now.AddHours(1),
            DeviceId = user.DeviceOf(TextMessageKind.KindId),
            DeviceKind = TextMessageKind.KindId,
            Source = "127.0.0.1",
            Browser = "Firefox, Linux",
        });
        return token.ToString();
    }
}
