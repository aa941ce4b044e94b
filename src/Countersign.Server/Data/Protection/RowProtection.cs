using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.DataProtection;

namespace Countersign.Server.Data.Protection;

/// <summary>
/// Encrypts secrets at rest. The table, the column and the row's key are part of the protection context, so that a
/// ciphertext copied into another row or column does not open (D28).
/// </summary>
internal sealed partial class RowProtection(IDataProtectionProvider provider, ILogger<RowProtection> logger)
{
    /// <summary>Makes or reads the key ring now: inside a unit of work its own write would wait for the unit to end.</summary>
    public void Warm() => provider.CreateProtector("warm").Protect([]);

    public byte[] Protect(string column, Guid owner, Guid row, ReadOnlySpan<byte> plain) => For(column, owner, row).Protect(plain.ToArray());

    /// <exception cref="CryptographicException">The value was not closed for this row, or was changed.</exception>
    public byte[] Unprotect(string column, Guid owner, Guid row, byte[] cipher)
    {
        try
        {
            return For(column, owner, row).Unprotect(cipher);
        }
        catch (CryptographicException)
        {
            LogClosed(column, owner, row);
            throw;
        }
    }

    public byte[] Protect<T>(string column, Guid owner, Guid row, T value, JsonTypeInfo<T> type) =>
        Protect(column, owner, row, JsonSerializer.SerializeToUtf8Bytes(value, type));

    /// <exception cref="CryptographicException">The value was not closed for this row, or was changed.</exception>
    public T Unprotect<T>(string column, Guid owner, Guid row, byte[] cipher, JsonTypeInfo<T> type) =>
        JsonSerializer.Deserialize(Unprotect(column, owner, row, cipher), type) ?? throw new CryptographicException("The protected value is empty.");

    private IDataProtector For(string column, Guid owner, Guid row) => provider.CreateProtector("row", column, owner.ToString("N"), row.ToString("N"));

    [LoggerMessage(12010, LogLevel.Error, "A secret does not open: {Column} of {Owner}, row {Row}. It was changed or comes from another row, or its key is missing.")]
    private partial void LogClosed(string column, Guid owner, Guid row);
}
