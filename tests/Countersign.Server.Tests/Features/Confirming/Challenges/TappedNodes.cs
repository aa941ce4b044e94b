using System.Globalization;
using System.Net;
using Countersign.SampleKind.Doubling;
using Countersign.SampleKind.Promising;
using Countersign.SampleKind.Tapping;
using Countersign.Server.Tests.Hosting;
using Countersign.Testing;

namespace Countersign.Server.Tests.Features.Confirming.Challenges;

/// <summary>
/// A server with the sample kind that approves elsewhere and the sample purpose in it. With another process on the same database the
/// requests of each program go to the two in turn.
/// </summary>
public class TappedNodes(CountersignServer shared, bool anotherProcess) : IAsyncLifetime
{
    private readonly TestFolder _folder = new();
    private CountersignServer? _server;
    private PublishedServer? _other;

    public CountersignServer Server => _server!;

    public ValueTask InitializeAsync() => StartAsync();

    public async ValueTask StartAsync(params (string Key, string Value)[] settings)
    {
        _server = await shared.FreshWithAsync(
            s => s.AddTapping().AddDoubling().AddPromising(),
            app =>
            {
                app.MapTapping();
                app.MapPromises();
            },
            [("Devices:Addable", TappingKind.KindId + " totp"), .. settings]);
        if (anotherProcess)
        {
            var environment = _server.Settings.ToDictionary(
                s => s.Key.Replace(":", "__", StringComparison.Ordinal), s => s.Value ?? string.Empty);
            environment["Data__Directory"] = _folder.Path;
            environment["Clock"] = Now();
            _other = await PublishedServer.StartSamplesAsync(environment);
        }
    }

    /// <summary>A program that speaks to all nodes.</summary>
    public ProgramClient Program() => _other is null ? Server.Program() : Server.Program(_other.BaseAddress);

    /// <summary>The browser's twin, with the same cookies, at the other node where there is one.</summary>
    public TestBrowser Elsewhere(TestBrowser browser)
    {
        var twin = _other is null ? Server.Browser() : new TestBrowser(_other.BaseAddress, CountersignServer.NewSource());
        twin.TakeCookies(browser);
        return twin;
    }

    /// <summary>Lets time pass on all nodes.</summary>
    public async Task AdvanceAsync(TimeSpan by)
    {
        Server.Clock.Advance(by);
        if (_other is not null)
        {
#pragma warning disable RS0030 // A test client, on loopback.
            using var http = new HttpClient { BaseAddress = _other.BaseAddress };
#pragma warning restore RS0030
            using var answer = await http.PostAsync(new Uri($"/clock?now={Uri.EscapeDataString(Now())}", UriKind.Relative), content: null);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }
    }

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        if (_other is not null)
        {
            await _other.DisposeAsync();
        }

        if (_server is not null)
        {
            await _server.DisposeAsync();
        }

        _folder.Dispose();
    }

    private string Now() => Server.Clock.GetUtcNow().ToString("O", CultureInfo.InvariantCulture);
}

public sealed class TappedOnSqlite(OnSqlite shared) : TappedNodes(shared, anotherProcess: false);

public sealed class TappedInTwoProcesses(OnPostgres shared) : TappedNodes(shared, anotherProcess: true);
