using Countersign.Server.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Countersign.Server.Features.Confirming.Challenges.Programs;

/// <summary>A proof of possession that was taken: the same one is taken no second time (RFC 9449 §11.1).</summary>
internal sealed class SpentProof
{
    /// <summary>Keyed hash of the key's thumbprint and the proof's <c>jti</c>.</summary>
    public required Guid Id { get; init; }

    /// <summary>From then on the proof is too old anyway.</summary>
    public required DateTimeOffset Until { get; init; }

    /// <summary>False: it was taken before. Of many that arrive together one is the first.</summary>
    public static async Task<bool> AddAsync(CountersignDbContext db, Guid id, DateTimeOffset until, CancellationToken ct)
    {
        var stored = until.ToUnixMicroseconds();
        return await db.Database.ExecuteSqlAsync(
            $"INSERT INTO spent_proofs (id, until) VALUES ({id}, {stored}) ON CONFLICT (id) DO NOTHING", ct) == 1;
    }

    internal sealed class Mapping : IEntityTypeConfiguration<SpentProof>
    {
        public void Configure(EntityTypeBuilder<SpentProof> builder)
        {
            builder.ToTable("spent_proofs");
            builder.Property(p => p.Id).ValueGeneratedNever();
            builder.HasIndex(p => p.Until);
        }
    }
}
