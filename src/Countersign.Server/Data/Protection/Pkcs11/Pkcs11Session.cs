using System.Text;
using Net.Pkcs11Interop.Common;
using Net.Pkcs11Interop.HighLevelAPI;
using ISession = Net.Pkcs11Interop.HighLevelAPI.ISession;

namespace Countersign.Server.Data.Protection.Pkcs11;

/// <summary>A key that wraps master keys. It never leaves the HSM.</summary>
internal readonly record struct WrappingKey(IObjectHandle Handle);

/// <summary>What is asked of the HSM while it is open: AES-256-GCM with a key of its own.</summary>
internal sealed class Pkcs11Session(ISession session, Pkcs11InteropFactories factories)
{
    public const int NonceLength = 12;
    private const int TagBits = 128;
    private const int KeyBytes = 32;

    /// <summary>The key with this label, of which there must be one and which must not be extractable.</summary>
    public WrappingKey Find(string label, bool mayMake = false)
    {
        var found = session.FindAllObjects(
            [Attribute(CKA.CKA_CLASS, CKO.CKO_SECRET_KEY), Attribute(CKA.CKA_KEY_TYPE, CKK.CKK_AES), Attribute(CKA.CKA_LABEL, label)]);
        if (found.Count == 0 && mayMake)
        {
            return new WrappingKey(Make(label));
        }

        if (found.Count != 1)
        {
            throw new StartException(found.Count == 0
                ? $"The HSM has no AES key {label} (Keys:Pkcs11:KeyLabel)."
                : $"The HSM has {found.Count} AES keys {label}; a label must name one.");
        }

        return session.GetAttributeValue(found[0], [CKA.CKA_EXTRACTABLE])[0].GetValueAsBool()
            ? throw new StartException($"The HSM's key {label} is extractable: it would not be the HSM that guards it. Make another.")
            : new WrappingKey(found[0]);
    }

    public byte[] Encrypt(WrappingKey key, byte[] nonce, byte[] boundTo, byte[] plain)
    {
        using var parameters = Gcm(nonce, boundTo);
        using var mechanism = factories.MechanismFactory.Create(CKM.CKM_AES_GCM, parameters);
        return session.Encrypt(mechanism, key.Handle, plain);
    }

    /// <summary>Null: it does not open. Makers answer a wrong tag with various errors.</summary>
    public byte[]? Decrypt(WrappingKey key, byte[] nonce, byte[] boundTo, byte[] cipher)
    {
        using var parameters = Gcm(nonce, boundTo);
        using var mechanism = factories.MechanismFactory.Create(CKM.CKM_AES_GCM, parameters);
        try
        {
            return session.Decrypt(mechanism, key.Handle, cipher);
        }
        catch (Pkcs11Exception)
        {
            return null;
        }
    }

    private Net.Pkcs11Interop.HighLevelAPI.MechanismParams.ICkGcmParams Gcm(byte[] nonce, byte[] boundTo) =>
        factories.MechanismParamsFactory.CreateCkGcmParams(nonce, (ulong)nonce.Length * 8, boundTo, TagBits);

    private IObjectHandle Make(string label)
    {
        using var mechanism = factories.MechanismFactory.Create(CKM.CKM_AES_KEY_GEN);
        return session.GenerateKey(mechanism,
        [
            Attribute(CKA.CKA_LABEL, label),
            factories.ObjectAttributeFactory.Create(CKA.CKA_ID, Encoding.ASCII.GetBytes(label)),
            Attribute(CKA.CKA_VALUE_LEN, KeyBytes),
            Attribute(CKA.CKA_TOKEN, true),
            Attribute(CKA.CKA_PRIVATE, true),
            Attribute(CKA.CKA_SENSITIVE, true),
            Attribute(CKA.CKA_EXTRACTABLE, false),
            Attribute(CKA.CKA_ENCRYPT, true),
            Attribute(CKA.CKA_DECRYPT, true),
        ]);
    }

    private IObjectAttribute Attribute(CKA type, string value) => factories.ObjectAttributeFactory.Create(type, value);

    private IObjectAttribute Attribute(CKA type, bool value) => factories.ObjectAttributeFactory.Create(type, value);

    private IObjectAttribute Attribute(CKA type, ulong value) => factories.ObjectAttributeFactory.Create(type, value);

    private IObjectAttribute Attribute(CKA type, CKO value) => factories.ObjectAttributeFactory.Create(type, value);

    private IObjectAttribute Attribute(CKA type, CKK value) => factories.ObjectAttributeFactory.Create(type, value);
}
