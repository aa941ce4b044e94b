using System.Security.Cryptography;
using Microsoft.Extensions.Options;

namespace Countersign.Server.Data.Protection.Pkcs11;

/// <summary>Opens the lines of the key file, with the HSM where a line needs it. What is open once is not opened again.</summary>
internal sealed class KeyOpening(IOptions<KeysOptions> keys, IOptions<Pkcs11Options> options, Pkcs11Token token, ISecrets secrets)
{
    private Dictionary<string, byte[]> _opened = new(StringComparer.Ordinal);

    /// <exception cref="StartException">A line does not open, or is a bare key where keys lie in the HSM.</exception>
    public KeySet Open(IReadOnlyList<KeyLine> lines)
    {
        if (keys.Value.Source == KeySource.Pkcs11 && lines.FirstOrDefault(l => l.Label is null) is { } bare)
        {
            throw new StartException(
                $"The key file holds the key {bare.Id} as it is, and Keys:Source says that keys lie in the HSM. Run: "
                    + "countersign keys move --to pkcs11");
        }

        var closed = lines.Where(l => l.Label is not null && !_opened.ContainsKey(l.ToString())).ToList();
        var opened = closed.Count == 0 ? [] : token.Use(session => closed.ToDictionary(l => l.ToString(), l => Unwrap(session, l)));

        // Only what the file still holds: a retired key leaves this process's memory too.
        _opened = lines.Where(l => l.Label is not null).Select(l => l.ToString()).ToDictionary(
            l => l, l => opened.TryGetValue(l, out var key) ? key : _opened[l]);
        return new KeySet(lines.Select(l => (l, l.Label is null ? l.Bytes : _opened[l.ToString()])));
    }

    /// <summary>A line with a bare key as it is to stand in the file, beside the others there.</summary>
    /// <exception cref="StartException">The others lie in the HSM: a bare key beside them would undo what it is for.</exception>
    public KeyLine Close(KeyLine bare, IReadOnlyList<KeyLine> beside)
    {
        if (keys.Value.Source == KeySource.Pkcs11)
        {
            return Wrap([bare], mayMakeKey: beside.Count == 0)[0];
        }

        return beside.All(l => l.Label is null)
            ? bare
            : throw new StartException("The keys lie in an HSM. Set Keys:Source to Pkcs11 first.");
    }

    /// <summary>Lines with bare keys, wrapped by the key in the HSM.</summary>
    public IReadOnlyList<KeyLine> Wrap(IReadOnlyList<KeyLine> bare, bool mayMakeKey)
    {
        var label = KeyLine.IsLabel(options.Value.KeyLabel)
            ? options.Value.KeyLabel
            : throw new StartException("Keys:Pkcs11:KeyLabel takes letters, digits, and . - _");
        return token.Use(session =>
        {
            var key = session.Find(label, mayMakeKey);
            return bare.Select(line =>
            {
                var named = line with { Label = label };
                var nonce = secrets.Bytes(Pkcs11Session.NonceLength);
                var wrapped = named with { Bytes = [.. nonce, .. session.Encrypt(key, nonce, named.BoundTo, line.Bytes)] };
                return CryptographicOperations.FixedTimeEquals(Unwrap(session, wrapped), line.Bytes)
                    ? wrapped
                    : throw new StartException("The HSM does not give back what it wrapped.");
            }).ToList();
        });
    }

    /// <summary>Lines as they would be without an HSM.</summary>
    public IReadOnlyList<KeyLine> Unwrap(IReadOnlyList<KeyLine> wrapped) =>
        wrapped.Count == 0 ? [] : token.Use(session => wrapped.Select(l => l with { Bytes = Unwrap(session, l), Label = null }).ToList());

    private static byte[] Unwrap(Pkcs11Session session, KeyLine line) =>
        session.Decrypt(
            session.Find(line.Label!),
            line.Bytes[..Pkcs11Session.NonceLength],
            line.BoundTo,
            line.Bytes[Pkcs11Session.NonceLength..]) is { Length: KeyLine.KeyLength } key
            ? key
            : throw new StartException(
                $"The HSM does not open the master key {line.Id}: the line in the key file was changed, or "
                    + $"{line.Label} is another key than the one that wrapped it.");
}
