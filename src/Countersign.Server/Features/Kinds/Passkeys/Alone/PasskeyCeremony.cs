using Countersign.Server.Data.Protection;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Countersign.Server.Features.Kinds.Passkeys.Alone;

/// <summary>
/// A request for any passkey, made before anybody knows of whom. Answered once, by the browser that began it, or not at all.
/// </summary>
internal sealed class PasskeyCeremony
{
    /// <summary>How <see cref="State"/> is sealed.</summary>
    public static readonly SealedColumn StateColumn = new("sign-ins by passkey alone", "passkey_ceremonies", "state");

    public required Guid Id { get; init; }

    /// <summary>SHA-256 of the secret that only the opener has.</summary>
    public required byte[] OpenerHash { get; init; }

    /// <summary>Protected: the request, and what the answer is compared with.</summary>
    public required byte[] State { get; init; }

    public required DateTimeOffset ExpiresAt { get; init; }

    internal sealed class Mapping : IEntityTypeConfiguration<PasskeyCeremony>
    {
        public void Configure(EntityTypeBuilder<PasskeyCeremony> builder)
        {
            builder.ToTable("passkey_ceremonies");
            builder.Property(c => c.Id).ValueGeneratedNever();
            builder.Property(c => c.OpenerHash).HasMaxLength(32);
            builder.Property(c => c.State).HasMaxLength(4_000);
            builder.HasIndex(c => c.ExpiresAt);
        }
    }
}
