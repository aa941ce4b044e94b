using System.Diagnostics;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace Countersign.Testing;

/// <summary>
/// nginx with the file of deploy, by TLS on a port of loopback: one process, since workers would outlive a master that is killed.
/// </summary>
public sealed class TestProxy : IAsyncDisposable
{
    private readonly TestFolder _folder;
    private readonly TestDaemon _daemon;
    private readonly X509Certificate2 _certificate;

    private TestProxy(TestFolder folder, int port)
    {
        _folder = folder;
        Address = new Uri($"https://localhost:{port}/");
        _certificate = X509CertificateLoader.LoadCertificateFromFile(Path.Combine(folder.Path, "tls/tls.crt"));
        _daemon = TestDaemon.Start(
            "env", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "nginx", "-e", Path.Combine(folder.Path, "error.log"), "-c",
            Path.Combine(folder.Path, "nginx.conf"), "-g", "daemon off; master_process off;");
    }

    public Uri Address { get; }

    /// <summary>All that it has written so far.</summary>
    public string Logs => string.Concat(
        Directory.EnumerateFiles(_folder.Path, "*.log").Select(File.ReadAllText));

    public static async Task<TestProxy> StartAsync(Uri one, Uri other)
    {
        var (folder, port) = (new TestFolder(), TestDaemon.FreePort());
        using var make = Process.Start(
            Path.Combine(Repository.Root, "eng/try-proxy"), [folder.Path, $"{port}", one.Authority, other.Authority]);
        await make.WaitForExitAsync().WaitAsync(Waiting.Ceiling);
        if (make.ExitCode != 0)
        {
            throw new InvalidOperationException("nginx does not take the file of deploy; see above.");
        }

        var proxy = new TestProxy(folder, port);
        await TestDaemon.ListensAsync(port);
        return proxy;
    }

    /// <summary>For a client that believes this proxy's certificate and no other.</summary>
    public SocketsHttpHandler Handler() => new()
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        UseProxy = false,
        ActivityHeadersPropagator = null,
        SslOptions = new SslClientAuthenticationOptions
        {
            RemoteCertificateValidationCallback = (_, given, _, _) =>
                given is not null && given.GetRawCertData().AsSpan().SequenceEqual(_certificate.RawData),
        },
    };

    public async ValueTask DisposeAsync()
    {
        await _daemon.DisposeAsync();
        _certificate.Dispose();
        _folder.Dispose();
    }
}
