using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Globalization;
using Countersign.Bench.Kinds;
using Countersign.Server.Data;
using Countersign.Server.Data.Protection;
using Countersign.Server.Features.Access.Sessions;
using Countersign.Server.Features.Confirming.Challenges;
using Countersign.Server.Features.Registry.Users;
using Countersign.Server.Features.SigningIn.SignIn;
using Microsoft.Extensions.DependencyInjection;

namespace Countersign.Bench.Scenarios;

/// <summary>
/// One POST: the code is checked, the challenge spent, the session begun. The challenges are opened beforehand by the server's
/// own code, because each by HTTP would cost a password hash.
/// </summary>
internal sealed class SecondFactorScenario(Target target, IBenchKind kind) : IScenario
{
    // A unit of work holds at most 500 rows; a challenge is two and leaves four more.
    private const int ChallengesPerUnit = 50;

    private readonly Browsers _known = new(target.Services);
    private readonly ConcurrentQueue<Ready> _ready = new();
    private readonly ConcurrentDictionary<Guid, string> _browsers = new();
    private readonly ConcurrentDictionary<BenchClient, (string Cookie, string Token)> _forms = new();

    public string Name => kind.Id;

    public async Task PrepareAsync(int operations, CancellationToken ct)
    {
        _ready.Clear();

        // What is made at the moment of typing is good once for each user: many users make a long window.
        var wanted = kind.Keeps ? operations : Math.Min(operations, target.Users.Count);
        while (_ready.Count < wanted)
        {
            // A device gets one message in two minutes, and a time step counts once.
            var users = target.Users.Take(wanted - _ready.Count).ToList();
            await target.FreshenAsync(kind, users, ct);
            await Parallel.ForEachAsync(
                users.Chunk(ChallengesPerUnit),
                new ParallelOptions { MaxDegreeOfParallelism = 4, CancellationToken = ct },
                async (users, token) => await OpenAsync(users, token));
        }

        await target.QuietAsync();
    }

    public async Task EnterAsync(BenchClient client)
    {
        client.Reset();
        var page = await client.GetAsync("/sign-in");
        _forms[client] = (client.Cookie("form"), BenchClient.TokenOf(page));
    }

    public async Task<bool> OnceAsync(BenchClient client)
    {
        if (!_ready.TryDequeue(out var ready))
        {
            return false;
        }

        var (cookie, token) = _forms[client];
        client.Reset(("form", cookie), ("opener", ready.Opener), (Browsers.Cookie, ready.Browser));
        var answer = ready.Answer ?? await AnswerAsync(ready.User, ready.Handle);
        var to = await client.PostAsync($"/sign-in/{ready.Handle}?handler=answer", $"prompt=1&code={answer}&form-token={token}");
        return to == "/" && client.Cookie(SessionAuthentication.CookieName).Length > 0
            ? true
            : throw new InvalidOperationException($"A right code led to {to}.");
    }

    private async Task<string> AnswerAsync(BenchUser user, ChallengeHandle handle) =>
        Uri.EscapeDataString(await kind.AnswerAsync(user, handle));

    private async Task OpenAsync(BenchUser[] users, CancellationToken ct)
    {
        var opening = target.Services.GetRequiredService<ChallengeOpening>();
        var purpose = target.Services.GetRequiredService<SignInPurpose>();
        var views = target.Services.GetRequiredService<UserViews>();
        var secrets = target.Services.GetRequiredService<ISecrets>();
        var opened = await target.Services.GetRequiredService<IWriter>().RunAsync(
            async (db, token) =>
            {
                var handles = new List<(BenchUser User, ChallengeHandle Handle, byte[] Secret)>(users.Length);
                foreach (var user in users)
                {
                    var secret = secrets.Bytes(16);
                    var opener = Opener.Browser(secret, "127.0.0.1", Opener.KnownBySession);
                    var view = await views.FindAsync(db, user.Id, token);
                    var request = purpose.For(view!, new SignInSubject("Firefox, Linux"), CultureInfo.GetCultureInfo("en"), opener);
                    var begun = await opening.BeginOnAsync(
                        db, request, new AskedOf(Holding.KeyOf(user, kind.Id), user.DeviceOf(kind.Id)), had: null, token);
                    handles.Add((user, begun.Succeeded ? begun.Value : throw new InvalidOperationException(begun.Error.Code), secret));
                }

                return handles;
            },
            ct);
        foreach (var (user, handle, secret) in opened)
        {
            var browser = _browsers.GetOrAdd(user.Id, _ => _known.Of(user));
            _ready.Enqueue(
                new Ready(user, handle, Base64Url.EncodeToString(secret), browser, kind.Keeps ? await AnswerAsync(user, handle) : null));
        }
    }

    private sealed record Ready(BenchUser User, ChallengeHandle Handle, string Opener, string Browser, string? Answer);
}
