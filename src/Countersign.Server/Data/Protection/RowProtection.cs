using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.DataProtection;

namespace Countersign.Server.Data.Protection;

/// <summary>
/// Encrypts secrets at rest. The table, the column and the row's key are part of the protection context, so that a
/// ciphertext copied into another row or column does not open (D28).
/// </summary>
internal sealed partial class RowProtection(IDataProtectionProvider provider, KeyRing ring, ILogger<RowProtection> logger)
{
    /// <summary>Makes or reads the key ring now: inside a unit of work its own write would wait for the unit to end.</summary>
    public void Warm() => provider.CreateProtector("warm").Protect([]);

    public byte[] Protect(string column, Guid owner, Guid row, ReadOnlySpan<byte> plain) =>
        For(column, owner, row).Protect(plain.ToArray());

    /// <exception cref="UnreadableSecretException">The value was not closed for this row, or was changed.</exception>
    public byte[] Unprotect(string column, Guid owner, Guid row, byte[] cipher)
    {
        try
        {
            return For(column, owner, row).Unprotect(cipher);
        }
        catch (CryptographicException e) when (!PassingFault.Is(e))
        {
            // It may be closed with a key of the ring that this node could not read yet.
            if (ring.Lacking is [var missing, ..])
            {
                throw new CryptographicException("The key ring is not complete.", new MasterKeyMissingException(missing));
            }

            LogClosed(column, owner, row);
            throw new UnreadableSecretException(e);
        }
    }

    /// <summary>Null where the value was not closed for this row, or was changed.</summary>
    public byte[]? Open(string column, Guid owner, Guid row, byte[] cipher)
    {
        try
        {
            return Unprotect(column, owner, row, cipher);
        }
        catch (UnreadableSecretException)
        {
            return null;
        }
    }

    public byte[] Protect<T>(string column, Guid owner, Guid row, T value, JsonTypeInfo<T> type) =>
        Protect(column, owner, row, JsonSerializer.SerializeToUtf8Bytes(value, type));

    /// <exception cref="UnreadableSecretException">The value was not closed for this row, was changed, or holds something else.</exception>
    public T Unprotect<T>(string column, Guid owner, Guid row, byte[] cipher, JsonTypeInfo<T> type)
    {
        var plain = Unprotect(column, owner, row, cipher);
        try
        {
            return JsonSerializer.Deserialize(plain, type) ?? throw new JsonException("The protected value is empty.");
        }
        catch (JsonException e)
        {
            throw new UnreadableSecretException(e);
        }
    }

    /// <summary>Null where the value was not closed for this row, was changed, or holds something else.</summary>
    public T? Open<T>(string column, Guid owner, Guid row, byte[] cipher, JsonTypeInfo<T> type)
        where T : class
    {
        try
        {
            return Unprotect(column, owner, row, cipher, type);
        }
        catch (UnreadableSecretException)
        {
            return null;
        }
    }

    private IDataProtector For(string column, Guid owner, Guid row) =>
        provider.CreateProtector("row", column, owner.ToString("N"), row.ToString("N"));

    [LoggerMessage(
        12010,
        LogLevel.Error,
        "A secret does not open: {Column} of {Owner}, row {Row}. It was changed or comes from another row, or its "
            + "key is no longer in the key ring.")]
    private partial void LogClosed(string column, Guid owner, Guid row);
}

/// <summary>What is stored does not open in its row: whoever needs it is refused.</summary>
internal sealed class UnreadableSecretException(
    Exception inner) : CryptographicException("The stored secret does not open in this row.", inner);
