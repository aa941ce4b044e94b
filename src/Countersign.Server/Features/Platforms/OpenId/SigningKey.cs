using Countersign.Server.Data.Protection;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Countersign.Server.Features.Platforms.OpenId;

/// <summary>A key that signs tokens, the same on all nodes.</summary>
internal sealed class SigningKey
{
    /// <summary>How <see cref="Pkcs8"/> is sealed.</summary>
    public static readonly SealedColumn Column = new("keys that sign tokens", "signing_keys", "pkcs8");

    public required Guid Id { get; init; }

    /// <summary>Counts from 1. Unique, so that of two nodes that make the first key at the same moment one does.</summary>
    public required int Number { get; init; }

    /// <summary>Protected private key, P-256.</summary>
    public required byte[] Pkcs8 { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    internal sealed class Mapping : IEntityTypeConfiguration<SigningKey>
    {
        public void Configure(EntityTypeBuilder<SigningKey> builder)
        {
            builder.ToTable("signing_keys");
            builder.Property(k => k.Id).ValueGeneratedNever();
            builder.Property(k => k.Pkcs8).HasMaxLength(1_000);
            builder.HasIndex(k => k.Number).IsUnique();
        }
    }
}
