using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Countersign.Server.Data.Protection;

/// <summary>
/// Encrypts secrets at rest: the column and the row's key are the place of what is <see cref="Sealed"/>, so that a ciphertext copied
/// into another row or column does not open (D28).
/// </summary>
internal sealed partial class RowProtection(
    MasterKeys keys, ISecrets secrets, SecretMeasures measures, ILogger<RowProtection> logger)
{
    public byte[] Protect(SealedColumn column, Guid owner, Guid row, ReadOnlySpan<byte> plain) =>
        Sealed.Close(keys.Current, Sealed.Use, column.PlaceOf(owner, row), plain, secrets);

    /// <exception cref="UnreadableSecretException">The value was not closed for this row, or was changed.</exception>
    /// <exception cref="MasterKeyMissingException">This node does not have the key that the value names: a passing fault.</exception>
    public byte[] Unprotect(SealedColumn column, Guid owner, Guid row, byte[] closed)
    {
        if (Sealed.KeyIdOf(closed) is { } id
            && Sealed.Open(keys.Need(id, Sealed.Use), column.PlaceOf(owner, row), closed) is { } plain)
        {
            measures.Opened(column);
            return plain;
        }

        LogClosed(column.Name, owner, row);
        throw new UnreadableSecretException();
    }

    /// <summary>Null where the value was not closed for this row, or was changed.</summary>
    public byte[]? Open(SealedColumn column, Guid owner, Guid row, byte[] closed)
    {
        try
        {
            return Unprotect(column, owner, row, closed);
        }
        catch (UnreadableSecretException)
        {
            return null;
        }
    }

    public byte[] Protect<T>(SealedColumn column, Guid owner, Guid row, T value, JsonTypeInfo<T> type) =>
        Protect(column, owner, row, JsonSerializer.SerializeToUtf8Bytes(value, type));

    /// <exception cref="UnreadableSecretException">The value was not closed for this row, was changed, or holds something else.</exception>
    public T Unprotect<T>(SealedColumn column, Guid owner, Guid row, byte[] closed, JsonTypeInfo<T> type)
    {
        var plain = Unprotect(column, owner, row, closed);
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
    public T? Open<T>(SealedColumn column, Guid owner, Guid row, byte[] closed, JsonTypeInfo<T> type)
        where T : class
    {
        try
        {
            return Unprotect(column, owner, row, closed, type);
        }
        catch (UnreadableSecretException)
        {
            return null;
        }
    }

    [LoggerMessage(
        12010,
        LogLevel.Error,
        "A secret does not open: {Column} of {Owner}, row {Row}. It was changed or comes from another row.")]
    private partial void LogClosed(string column, Guid owner, Guid row);
}

/// <summary>What is stored does not open in its row: whoever needs it is refused.</summary>
internal sealed class UnreadableSecretException(
    Exception? inner = null) : CryptographicException("The stored secret does not open in this row.", inner);
