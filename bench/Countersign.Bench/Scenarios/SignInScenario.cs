using Countersign.Bench.Kinds;
using Countersign.Server.Features.Kinds.TextMessages;

namespace Countersign.Bench.Scenarios;

/// <summary>
/// All that a person does to get in: the page, the password, with several devices the picker and a choice, the page with the code field,
/// the code, the home page. Each user takes part once in a window, in a browser that is known.
/// </summary>
internal sealed class SignInScenario(Target target, bool picks) : IScenario
{
    public const string Id = "sign-in";

    private readonly Browsers _known = new(target.Services);
    private readonly IBenchKind _kind = target.Kind(TextMessageKind.KindId);
    private readonly Dictionary<Guid, string> _browsers = [];
    private int _next;

    public string Name => Id;

    public async Task PrepareAsync(int operations, CancellationToken ct)
    {
        foreach (var user in target.Users.Take(operations))
        {
            _browsers.TryAdd(user.Id, _known.Of(user));
        }

        await target.ForgetRationsAsync(ct);
        await target.QuietAsync();
        _next = 0;
    }

    public Task EnterAsync(BenchClient client) => Task.CompletedTask;

    public async Task<bool> OnceAsync(BenchClient client)
    {
        var index = Interlocked.Increment(ref _next) - 1;
        if (index >= target.Users.Count)
        {
            return false;
        }

        var user = target.Users[index];
        client.Reset();
        if (_browsers.TryGetValue(user.Id, out var browser))
        {
            client.Set(Browsers.Cookie, browser);
        }

        var confirm = await SignInSteps.TypePasswordAsync(client, user);
        if (picks)
        {
            var picker = await client.GetAsync(confirm);
            await client.PostAsync(
                confirm + "?handler=choose", $"device={user.DeviceOf(_kind.Id)}&form-token={BenchClient.TokenOf(picker)}");
        }

        var handle = SignInSteps.HandleOf(confirm);
        var token = await SignInSteps.ToFieldAsync(client, confirm);
        var home = await SignInSteps.AnswerAsync(client, confirm, token, await _kind.AnswerAsync(user, handle));
        if (home != "/")
        {
            throw new InvalidOperationException($"A right code led to {home}.");
        }

        await client.GetAsync(home);
        return true;
    }
}
