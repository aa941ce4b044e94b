using System.Security.Cryptography;
using Countersign.Server.Data.Protection;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.DependencyInjection;

namespace Countersign.Server.Tests.Hosting;

/// <summary>Data Protection of a node that for a while cannot open what was closed for one purpose: its key file lacks a key.</summary>
internal sealed class PassingFaults
{
    private volatile string? _purpose;
    private int _met;

    /// <summary>How often something was asked for in vain.</summary>
    public int Met => Volatile.Read(ref _met);

    /// <summary>For <c>FreshWithAsync</c>.</summary>
    public void AddTo(IServiceCollection services)
    {
        var provider = services.Last(s => s.ServiceType == typeof(IDataProtectionProvider)).ImplementationFactory!;
        services.AddSingleton<IDataProtectionProvider>(s => new Faulty((IDataProtectionProvider)provider(s), this, []));
    }

    public void Begin(string purpose) => _purpose = purpose;

    public void End() => _purpose = null;

    private sealed class Faulty(IDataProtectionProvider inner, PassingFaults faults, IReadOnlyList<string> purposes) : IDataProtector
    {
        public IDataProtector CreateProtector(string purpose) => new Faulty(inner.CreateProtector(purpose), faults, [.. purposes, purpose]);

        public byte[] Protect(byte[] plaintext) => ((IDataProtector)inner).Protect(plaintext);

        public byte[] Unprotect(byte[] protectedData)
        {
            if (faults._purpose is { } purpose && purposes.Contains(purpose))
            {
                Interlocked.Increment(ref faults._met);
                throw new CryptographicException("The payload does not open.", new MasterKeyMissingException("forgotten"));
            }

            return ((IDataProtector)inner).Unprotect(protectedData);
        }
    }
}
