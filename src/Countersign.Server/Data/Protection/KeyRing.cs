using System.Security.Cryptography;
using System.Text;
using System.Xml.Linq;
using Microsoft.AspNetCore.DataProtection.Repositories;
using Microsoft.AspNetCore.DataProtection.XmlEncryption;

namespace Countersign.Server.Data.Protection;

/// <summary>
/// Keeps the Data Protection key ring in the database, so that every node opens what another closed. A node that cannot open all of it
/// neither reads a part nor adds to it: Data Protection would take a ring without its newest key for one that wants a new key.
/// </summary>
internal sealed class KeyRing(Contexts contexts, MasterKeys keys) : IXmlRepository
{
    /// <summary>All of it.</summary>
    public static readonly SqlQuery<KeyRingRow> Whole = SqlQuery.Of<KeyRingRow>(string.Empty);

    private volatile IReadOnlyList<string> _lacking = [];
    private bool _whole;

    /// <summary>The master keys without which the ring could not be opened when it was read: such a node should get no traffic.</summary>
    public IReadOnlyList<string> Lacking => _lacking;

    /// <exception cref="MasterKeyMissingException">This node cannot open all of them.</exception>
    public IReadOnlyCollection<XElement> GetAllElements()
    {
        var (elements, lacking) = Read();

        // Data Protection takes up what it reads now at the latest when it reads the next time: until then the node does as before.
        if (lacking.Count > 0 || _whole)
        {
            _lacking = lacking;
        }

        _whole = lacking.Count == 0;
        Need(lacking);
        return elements;
    }

    /// <summary>The master keys that wrap the keys in a row.</summary>
    public static IEnumerable<string> WrappedBy(KeyRingRow row) => WrappedBy(XElement.Parse(row.Xml));

    /// <exception cref="MasterKeyMissingException">This node cannot open all that is in the ring.</exception>
    public void StoreElement(XElement element, string friendlyName)
    {
        Need(Read().Lacking);
        using var db = contexts.Write();
        db.Add(new KeyRingRow { Name = friendlyName, Xml = element.ToString(SaveOptions.DisableFormatting) });
        db.SaveChanges();
    }

    private (IReadOnlyCollection<XElement> Elements, IReadOnlyList<string> Lacking) Read()
    {
        // Data Protection reads its keys without awaiting.
        using var db = contexts.Read();
        List<XElement> elements =
            [.. db.ReadAsync(Whole, [], CancellationToken.None).AsTask().GetAwaiter().GetResult().Select(row => XElement.Parse(row.Xml))];
        return (elements, [
            .. elements.SelectMany(WrappedBy).Distinct(StringComparer.Ordinal).Where(id => keys.Derive(id, KeyRingWrap.Use) is null),
        ]);
    }

    private void Need(IReadOnlyList<string> lacking)
    {
        foreach (var id in lacking)
        {
            _ = keys.Need(id, KeyRingWrap.Use);
        }
    }

    private static IEnumerable<string> WrappedBy(XElement element) =>
        element.Descendants(KeyRingWrap.Element).Select(w => (string?)w.Attribute(KeyRingWrap.KeyAttribute)).OfType<string>();
}

/// <summary>Wraps a key-ring key with a master key (AES-256-GCM): the database alone opens nothing.</summary>
internal sealed class KeyRingWrap(MasterKeys keys) : IXmlEncryptor
{
    internal const string Use = "key-ring";
    internal const string Element = "wrapped";
    internal const string KeyAttribute = "key";
    internal const int NonceLength = 12;
    internal const int TagLength = 16;

    private readonly ISecrets _secrets = new SystemSecrets();

    public EncryptedXmlInfo Encrypt(XElement plaintextElement)
    {
        var plain = Encoding.UTF8.GetBytes(plaintextElement.ToString(SaveOptions.DisableFormatting));
        var nonce = _secrets.Bytes(NonceLength);
        var cipher = new byte[plain.Length];
        var tag = new byte[TagLength];
        var master = keys.Current;
        using var aes = new AesGcm(master.Derive(Use), TagLength);
        aes.Encrypt(nonce, plain, cipher, tag);
        CryptographicOperations.ZeroMemory(plain);
        var element = new XElement(Element, new XAttribute(KeyAttribute, master.Id), Convert.ToBase64String([.. nonce, .. cipher, .. tag]));
        return new EncryptedXmlInfo(element, typeof(KeyRingUnwrap));
    }
}

/// <summary>Opens what <see cref="KeyRingWrap"/> closed. Data Protection creates it by its type name.</summary>
internal sealed class KeyRingUnwrap(IServiceProvider services) : IXmlDecryptor
{
    public XElement Decrypt(XElement encryptedElement) => Open(services.GetRequiredService<MasterKeys>(), encryptedElement);

    public static XElement Open(MasterKeys keys, XElement wrapping)
    {
        var id = (string?)wrapping.Attribute(KeyRingWrap.KeyAttribute) ?? string.Empty;
        var key = keys.Need(id, KeyRingWrap.Use);
        var wrapped = Convert.FromBase64String(wrapping.Value).AsSpan();
        var plain = new byte[wrapped.Length - KeyRingWrap.NonceLength - KeyRingWrap.TagLength];
        using var aes = new AesGcm(key, KeyRingWrap.TagLength);
        aes.Decrypt(
            wrapped[..KeyRingWrap.NonceLength],
            wrapped[KeyRingWrap.NonceLength..^KeyRingWrap.TagLength],
            wrapped[^KeyRingWrap.TagLength..],
            plain);
        return XElement.Parse(Encoding.UTF8.GetString(plain));
    }
}
