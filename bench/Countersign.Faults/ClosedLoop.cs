using System.Collections.Concurrent;
using System.Diagnostics;
using Countersign.Bench;
using Countersign.Bench.Scenarios;
using Countersign.Server.Features.Access.Sessions;

namespace Countersign.Faults;

/// <summary>A sign-in that the server acknowledged, with what it takes to answer again in the same way.</summary>
/// <param name="Begun">On the loop's clock, like <paramref name="At"/>.</param>
internal sealed record Acknowledged(
    Guid SessionId, TimeSpan Begun, TimeSpan At, BenchClient Browser, string Page, string Token, string Answer);

/// <summary>
/// People who sign in one after the other, each client the next one as soon as the last is in. An answer to which nothing was said is sent
/// again unchanged until something is: that is what browsers and people do, and what must not let a code in twice.
/// </summary>
internal sealed class ClosedLoop : IDisposable
{
    private const string Cut = "cut off";
    private static readonly TimeSpan Breath = TimeSpan.FromMilliseconds(100);

    private readonly Site _site;
    private readonly HttpMessageInvoker _http;
    private readonly ConcurrentQueue<(BenchUser User, TimeSpan From)> _people;
    private readonly ConcurrentQueue<Acknowledged> _acknowledged = new();
    private readonly ConcurrentDictionary<string, int> _refusals = new(StringComparer.Ordinal);
    private readonly Stopwatch _watch = Stopwatch.StartNew();
    private readonly CancellationTokenSource _enough = new();
    private readonly bool _known;
    private readonly Task _clients;

    /// <param name="people">Who signs in; all users of the site unless told.</param>
    /// <param name="known">Whether people sit before browsers that they have signed in with before.</param>
    public ClosedLoop(Site site, int clients, IReadOnlyList<BenchUser>? people = null, bool known = false)
    {
        (_site, _http, _known) = (site, site.Connect(), known);
        _people = new((people ?? site.Users).Select(user => (user, TimeSpan.Zero)));
        _clients = Task.WhenAll(Enumerable.Range(0, clients).Select(i => Task.Run(() => WorkAsync(i))));
    }

    /// <summary>Since it began.</summary>
    public TimeSpan Now => _watch.Elapsed;

    public IReadOnlyCollection<Acknowledged> All => _acknowledged;

    /// <summary>What was answered instead, and how often.</summary>
    public IReadOnlyDictionary<string, int> Refusals => _refusals;

    /// <summary>Lets everybody finish what is begun.</summary>
    public async Task StopAsync()
    {
        await _enough.CancelAsync();
        await _clients;
    }

    /// <summary>Answers again what was acknowledged, without its session.</summary>
    /// <returns>How many of them began another session.</returns>
    public static async Task<int> RepeatAsync(IEnumerable<Acknowledged> some)
    {
        var twice = 0;
        foreach (var one in some)
        {
            var thief = one.Browser.Without(SessionAuthentication.CookieName);
            try
            {
                await SignInSteps.AnswerAsync(thief, one.Page, one.Token, one.Answer);
            }
            catch (Exception e) when (Refusal(e) is not null)
            {
                // As it should be.
            }

            // Within half a minute the same answer gets the same session (D36), and never another one.
            twice += thief.Has(SessionAuthentication.CookieName)
                && SessionToken.Parse(thief.Cookie(SessionAuthentication.CookieName))!.SessionId != one.SessionId ? 1 : 0;
        }

        return twice;
    }

    public void Dispose()
    {
        _enough.Dispose();
        _http.Dispose();
    }

    private async Task WorkAsync(int client)
    {
        using var breath = new PeriodicTimer(Breath, TimeProvider.System);
        while (!_enough.IsCancellationRequested)
        {
            if (!_people.TryDequeue(out var next) || next.From > Now)
            {
                // Everybody was here just now: more users make a longer run.
                _people.Enqueue(next);
                await breath.WaitForNextTickAsync();
                continue;
            }

            try
            {
                await SignInAsync(
                    _known ? _site.KnownBrowser(_http, client, next.User) : _site.Browser(_http, client), next.User, breath);
            }
            catch (Exception e) when (Refusal(e) is { } why)
            {
                _refusals.AddOrUpdate(why, 1, (_, n) => n + 1);
                await breath.WaitForNextTickAsync();
            }

            _people.Enqueue((next.User, Now + _site.Rest));
        }
    }

    private async Task SignInAsync(BenchClient browser, BenchUser user, PeriodicTimer breath)
    {
        // What came for an earlier try is not for this one.
        _site.Gateway?.Take(user.Mobile);
        var begun = Now;
        var page = await SignInSteps.TypePasswordAsync(browser, user);
        var handle = SignInSteps.HandleOf(page);
        var token = await SignInSteps.ToFieldAsync(browser, page);
        string? answer;
        while ((answer = await _site.ReadDeviceAsync(user, handle)) is null)
        {
            if (_enough.IsCancellationRequested)
            {
                return;
            }

            await breath.WaitForNextTickAsync();
        }

        // As it stands before the answer: somebody else who saw all of it.
        var before = browser.Without(SessionAuthentication.CookieName);
        while (true)
        {
            try
            {
                if (await SignInSteps.AnswerAsync(browser, page, token, answer) == "/")
                {
                    var session = SessionToken.Parse(browser.Cookie(SessionAuthentication.CookieName))!.SessionId;
                    _acknowledged.Enqueue(new Acknowledged(session, begun, Now, before, page, token, answer));
                }
                else
                {
                    _refusals.AddOrUpdate("not taken", 1, (_, n) => n + 1);
                }

                return;
            }
            catch (Exception e) when (Refusal(e) is { } why && !_enough.IsCancellationRequested)
            {
                _refusals.AddOrUpdate(why, 1, (_, n) => n + 1);
                await breath.WaitForNextTickAsync();
            }
        }
    }

    /// <summary>What a client sees; null: a mistake of this program.</summary>
    private static string? Refusal(Exception exception) => exception switch
    {
        OtherAnswerException other => ((int)other.Status).ToString(System.Globalization.CultureInfo.InvariantCulture),
        HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError } => "no connection",
        HttpRequestException or IOException => Cut,
        OperationCanceledException => "no answer",
        _ => null,
    };
}
