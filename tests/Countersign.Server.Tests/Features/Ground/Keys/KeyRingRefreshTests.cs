using System.Xml.Linq;
using Countersign.Server.Features.Ground.Keys;
using Countersign.Server.Tests.Hosting;
using Countersign.Testing;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.AspNetCore.DataProtection.Repositories;
using Microsoft.Extensions.DependencyInjection;

namespace Countersign.Server.Tests.Features.Ground.Keys;

/// <summary>All nodes have one key ring, whatever else they do (B22).</summary>
public abstract class KeyRingRefreshTests(CountersignServer server)
{
    private static readonly TimeSpan Refresh = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Skew = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan Ceiling = Waiting.Ceiling;

    [Fact]
    public async Task A_node_that_had_nothing_to_do_opens_what_another_closed_with_a_new_key_of_the_ring()
    {
        CountedReads? ring = null;
        await using var own = await server.FreshWithAsync(
            services => services.PostConfigure<KeyManagementOptions>(o => o.XmlRepository = ring = new CountedReads(o.XmlRepository!)));
        await using var another = own.Beside();
        var now = TimeProvider.System.GetUtcNow();
        var key = another.Services.GetRequiredService<IKeyManager>().CreateNewKey(now, now + TimeSpan.FromDays(90));
        var closed = another.Services.GetRequiredService<IDataProtectionProvider>().CreateProtector("tests").Protect([1, 2, 3]);
        Assert.Equal(key.KeyId, new Guid(closed.AsSpan(4, 16)));
        var before = ring!.Count;

        // The second time is begun when what was read the first time has been taken up.
        await Waiting.UntilAsync(
            () =>
            {
                own.Clock.Advance(Refresh / 2);
                return Task.FromResult(ring.Count >= before + 2);
            },
            Ceiling);

        Assert.Equal([1, 2, 3], own.App.Services.GetRequiredService<IDataProtectionProvider>().CreateProtector("tests").Unprotect(closed));
    }

    [Fact]
    public async Task A_key_that_the_command_line_adds_is_not_used_before_every_node_has_read_it()
    {
        await using var own = await server.FreshAsync();

        var from = await own.App.Services.GetRequiredService<RotateKeyRing>().RunAsync(TestContext.Current.CancellationToken);

        Assert.Equal(own.Clock.GetUtcNow() + (4 * Refresh) + Skew, from);
    }

    private sealed class CountedReads(IXmlRepository inner) : IXmlRepository
    {
        private int _count;

        public int Count => Volatile.Read(ref _count);

        public IReadOnlyCollection<XElement> GetAllElements()
        {
            Interlocked.Increment(ref _count);
            return inner.GetAllElements();
        }

        public void StoreElement(XElement element, string friendlyName) => inner.StoreElement(element, friendlyName);
    }
}

public sealed class KeyRingRefreshOnSqlite(OnSqlite server) : KeyRingRefreshTests(server);

public sealed class KeyRingRefreshOnPostgres(OnPostgres server) : KeyRingRefreshTests(server);
