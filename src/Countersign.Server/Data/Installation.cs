using System.Buffers.Binary;
using System.Security.Cryptography;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Countersign.Server.Data;

/// <summary>The one row that says what this database is. Written when the database is created and never changed (D30).</summary>
internal sealed class Installation
{
    public const int OnlyId = 1;

    public required int Id { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>The master key that was current then, and what is derived from it: a server with another key file does not start.</summary>
    public required string KeyId { get; init; }

    public required byte[] KeyCheck { get; init; }

    /// <summary>Whether the database holds demo personas. Irrevocable.</summary>
    public required bool Demo { get; init; }

    /// <summary>
    /// The master key that <see cref="Stamp"/> was made with. Null, like the stamp, in a row from before there were stamps.
    /// </summary>
    public string? StampKeyId { get; init; }

    /// <summary>
    /// A MAC over the row by a key from the key file: whoever writes rows cannot make a demo a real one. Who changes the schema can.
    /// </summary>
    public byte[]? Stamp { get; init; }

    /// <param name="key">The key for this use.</param>
    /// <param name="createdAt">So that a row is not taken for that of another installation with the same key file.</param>
    /// <param name="demo">What is stamped.</param>
    public static byte[] MakeStamp(byte[] key, DateTimeOffset createdAt, bool demo)
    {
        Span<byte> row = stackalloc byte[sizeof(int) + sizeof(long) + 1];
        BinaryPrimitives.WriteInt32BigEndian(row, OnlyId);
        BinaryPrimitives.WriteInt64BigEndian(row[sizeof(int)..], createdAt.ToUnixTimeMilliseconds());
        row[^1] = demo ? (byte)1 : (byte)0;
        return HMACSHA256.HashData(key, row);
    }

    /// <summary>Whether the row says what was stamped.</summary>
    public bool IsAsStamped(byte[] key) => CryptographicOperations.FixedTimeEquals(MakeStamp(key, CreatedAt, Demo), Stamp);

    internal sealed class Mapping : IEntityTypeConfiguration<Installation>
    {
        public void Configure(EntityTypeBuilder<Installation> builder)
        {
            builder.ToTable("installations");
            builder.Property(i => i.Id).ValueGeneratedNever();
            builder.Property(i => i.KeyId).HasMaxLength(16);
            builder.Property(i => i.KeyCheck).HasMaxLength(32);
            builder.Property(i => i.StampKeyId).HasMaxLength(16);
            builder.Property(i => i.Stamp).HasMaxLength(HMACSHA256.HashSizeInBytes);
        }
    }
}
