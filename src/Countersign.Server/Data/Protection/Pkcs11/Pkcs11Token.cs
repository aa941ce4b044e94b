using System.Reflection;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Microsoft.Extensions.Options;
using Net.Pkcs11Interop.Common;
using Net.Pkcs11Interop.HighLevelAPI;
using ISession = Net.Pkcs11Interop.HighLevelAPI.ISession;

namespace Countersign.Server.Data.Protection.Pkcs11;

/// <summary>
/// The token in the HSM. It is asked at the start and when keys are rotated, one caller at a time, and let go afterwards.
/// </summary>
internal sealed class Pkcs11Token(IOptions<Pkcs11Options> options)
{
    private static readonly Pkcs11InteropFactories Factories = Load();
    private static readonly Lock Gate = new();
    private string? _refused;

    /// <exception cref="StartException">The module, the token, the key or the PIN is not what it should be.</exception>
    public T Use<T>(Func<Pkcs11Session, T> work)
    {
        lock (Gate)
        {
            try
            {
                using var module = Factories.Pkcs11LibraryFactory.LoadPkcs11Library(Factories, Module(), AppType.MultiThreaded);
                var slot = module.GetSlotList(SlotsType.WithTokenPresent).Find(
                    s => s.GetTokenInfo().Label == Needed(options.Value.TokenLabel, "TokenLabel"))
                    ?? throw new StartException($"The HSM has no token {options.Value.TokenLabel} (Keys:Pkcs11:TokenLabel).");
                using var session = slot.OpenSession(SessionType.ReadWrite);
                Login(session);
                return work(new Pkcs11Session(session, Factories));
            }
            catch (Pkcs11Exception e)
            {
                throw new StartException($"The HSM refuses {e.Method}: {e.RV}.");
            }
            catch (Exception e) when (e is UnmanagedException
                or DllNotFoundException
                or BadImageFormatException
                or EntryPointNotFoundException)
            {
                throw new StartException($"The PKCS#11 library {options.Value.Module} cannot be loaded (Keys:Pkcs11:Module).");
            }
        }
    }

    /// <summary>A wrong PIN is tried once in the life of the process: a token locks itself after a few.</summary>
    private void Login(ISession session)
    {
        if (_refused is not null)
        {
            throw new StartException(_refused);
        }

        var pin = Pin();
        try
        {
            session.Login(CKU.CKU_USER, pin);
        }
        catch (Pkcs11Exception e) when (e.RV == CKR.CKR_USER_ALREADY_LOGGED_IN)
        {
            // Of the process, not of the session.
        }
        catch (Pkcs11Exception e) when (e.RV is CKR.CKR_PIN_INCORRECT
            or CKR.CKR_PIN_INVALID
            or CKR.CKR_PIN_LEN_RANGE
            or CKR.CKR_PIN_LOCKED
            or CKR.CKR_PIN_EXPIRED)
        {
            _refused = e.RV == CKR.CKR_PIN_LOCKED
                ? "The HSM has locked its PIN after wrong ones. Its security officer can set a new one."
                : $"The HSM refuses the PIN in {options.Value.PinFile}. It was tried once; the token locks itself after a few wrong ones.";
            throw new StartException(_refused);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(pin);
        }
    }

    private byte[] Pin()
    {
        var path = Needed(options.Value.PinFile, "PinFile");
        try
        {
            var bytes = File.ReadAllBytes(path);
            var end = bytes.AsSpan().IndexOfAny((byte)'\r', (byte)'\n');
            var pin = bytes[..(end < 0 ? bytes.Length : end)];
            CryptographicOperations.ZeroMemory(bytes);
            return pin.Length > 0 ? pin : throw new StartException($"The file {path} holds no PIN (Keys:Pkcs11:PinFile).");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StartException($"The file {path} with the HSM's PIN cannot be read (Keys:Pkcs11:PinFile).");
        }
    }

    private string Module() => Needed(options.Value.Module, "Module") is var path && File.Exists(path)
        ? path
        : throw new StartException($"There is no PKCS#11 library {path} (Keys:Pkcs11:Module).");

    private static string Needed(string? value, string name) =>
        string.IsNullOrEmpty(value) ? throw new StartException($"Keys lie in an HSM, and Keys:Pkcs11:{name} is not set.") : value;

    /// <summary>Distributions without development files have libdl only under its full name.</summary>
    private static Pkcs11InteropFactories Load()
    {
        NativeLibrary.SetDllImportResolver(
            typeof(Pkcs11InteropFactories).Assembly,
            (string name, Assembly _, DllImportSearchPath? _) => name == "libdl" ? NativeLibrary.Load("libdl.so.2") : IntPtr.Zero);
        return new Pkcs11InteropFactories();
    }
}
