using Countersign.Server.Data.Protection;
using Countersign.Server.Features.Ground.Keys;
using Countersign.Server.Features.Messaging.Messages.Receipts;
using Countersign.Server.Http;
using Countersign.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Countersign.Server.Tests.Hosting;

/// <content>Keys, and a server that has a key file of its own to rotate.</content>
public abstract partial class CountersignServer
{
    private static readonly TimeSpan Grace = TimeSpan.FromMinutes(2);

    private TestFolder? _ownKeys;

    /// <summary>A server of its own with a copy of the key file: what is done to that reaches no other test.</summary>
    internal async Task<CountersignServer> FreshWithOwnKeysAsync(params (string Key, string Value)[] settings)
    {
        var folder = new TestFolder();
        var copy = Path.Combine(folder.Path, "own.keys");
        File.Copy(KeyFile.Path, copy);
        var own = await FreshAsync([.. settings, ("Data:KeyFile", copy)]);
        own._ownKeys = folder;
        return own;
    }

    internal MasterKeys Keys => App.Services.GetRequiredService<MasterKeys>();

    internal KeyFile KeyFile => App.Services.GetRequiredService<KeyFile>();

    internal ReceiptHandles Receipts => App.Services.GetRequiredService<ReceiptHandles>();

    /// <summary>The keys as a node reads them that starts now.</summary>
    internal MasterKeys KeysOfAnotherNode() => ActivatorUtilities.CreateInstance<MasterKeys>(App.Services);

    /// <summary>What another node on the same database is made of; nothing of it runs.</summary>
    internal WebApplication Beside()
    {
        var mode = new ServeMode(Demo: false);
        var builder = CountersignHost.CreateBuilder(mode, c => c.AddInMemoryCollection(_settings));
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton<TimeProvider>(Clock);
        return CountersignHost.Build(builder, mode);
    }

    /// <summary>Adds a key; yields its id. It takes over after <see cref="TakeOver"/>.</summary>
    internal async Task<string> AddKeyAsync() =>
        (await App.Services.GetRequiredService<RotateMasterKey>().RunAsync(Grace, CancellationToken.None)).Id;

    /// <summary>Time goes by until the added key is the current one.</summary>
    internal void TakeOver() => Clock.Advance(Grace + TimeSpan.FromSeconds(2));

    /// <summary>Adds a key and waits until it is the current one; yields its id.</summary>
    internal async Task<string> RotateAsync()
    {
        var id = await AddKeyAsync();
        TakeOver();
        return id;
    }

    internal Task<int> RewrapAsync() => App.Services.GetRequiredService<RewrapKeyRing>().RunAsync(CancellationToken.None);

    internal Task<(int Renewed, int Unreadable)> RenewSealsAsync() =>
        App.Services.GetRequiredService<RenewSeals>().RunAsync(CancellationToken.None);

    internal Task<IReadOnlyList<string>> RetireAsync(string id, bool keepPasswords = false, bool forgetBrowsers = false) =>
        App.Services.GetRequiredService<RetireMasterKey>().RunAsync(id, keepPasswords, forgetBrowsers, CancellationToken.None);

    internal Task<IReadOnlyList<ListedKey>> ListKeysAsync() => App.Services.GetRequiredService<ListKeys>().RunAsync(CancellationToken.None);
}
