using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using Countersign.Server.Data;
using Countersign.Server.Data.Protection;
using Countersign.Server.Features.Challenges;
using Countersign.Server.Features.Sessions;
using Countersign.Server.Features.SignIn;
using Countersign.Server.Features.Users;
using Microsoft.Extensions.DependencyInjection;

namespace Countersign.Bench.Scenarios;

/// <summary>
/// One POST: the code is checked, the challenge spent, the session begun. The challenges are opened beforehand by the server's
/// own code, because each by HTTP would cost a password hash.
/// </summary>
internal sealed class SecondFactorScenario(Target target) : IScenario
{
    // A unit of work holds at most 500 rows; a challenge is two and leaves four more.
    private const int ChallengesPerUnit = 50;

    private readonly Phones _phones = new(target);
    private readonly ConcurrentQueue<Ready> _ready = new();
    private readonly ConcurrentDictionary<Guid, string> _browsers = new();
    private readonly ConcurrentDictionary<BenchClient, (string Cookie, string Token)> _forms = new();

    public string Name => "second-factor";

    public async Task PrepareAsync(int operations, CancellationToken ct)
    {
        _ready.Clear();
        while (_ready.Count < operations)
        {
            // A device gets one message in two minutes.
            await target.ForgetRationsAsync(ct);
            await Parallel.ForEachAsync(
                target.Users.Take(operations - _ready.Count).Chunk(ChallengesPerUnit),
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
        client.Reset(("form", cookie), ("opener", ready.Opener), ("browser", ready.Browser));
        var to = await client.PostAsync($"/sign-in/{ready.Handle}?handler=answer", $"prompt=1&code={ready.Code}&form-token={token}");
        return to == "/" && client.Cookie(SessionAuthentication.CookieName).Length > 0
            ? true
            : throw new InvalidOperationException($"A right code led to {to}.");
    }

    private async Task OpenAsync(BenchUser[] users, CancellationToken ct)
    {
        var prompting = target.Services.GetRequiredService<ChallengePrompting>();
        var views = target.Services.GetRequiredService<UserViews>();
        var secrets = target.Services.GetRequiredService<ISecrets>();
        var subject = JsonSerializer.SerializeToElement(new SignInSubject("Firefox, Linux"), SignInJson.Default.SignInSubject);
        var opened = await target.Services.GetRequiredService<IWriter>().RunAsync(
            async (db, token) =>
            {
                var handles = new List<(BenchUser User, ChallengeHandle Handle, byte[] Secret)>(users.Length);
                foreach (var user in users)
                {
                    var opener = new Opener(secrets.Bytes(16), "127.0.0.1", KnownBrowser: true);
                    var view = await views.FindAsync(db, user.Id, token);
                    var begun = await prompting.BeginAsync(db, view!, SignInPurpose.PurposeId, subject, CultureInfo.GetCultureInfo("en"), opener, token);
                    handles.Add((user, begun.Succeeded ? begun.Value : throw new InvalidOperationException(begun.Error.Code), opener.Secret));
                }

                return handles;
            },
            ct);
        foreach (var (user, handle, secret) in opened)
        {
            var browser = _browsers.GetOrAdd(user.Id, _ => _phones.KnownBrowser(user));
            _ready.Enqueue(new Ready(handle, Base64Url.EncodeToString(secret), browser, await _phones.CodeAsync(handle)));
        }
    }

    private sealed record Ready(ChallengeHandle Handle, string Opener, string Browser, string Code);
}
