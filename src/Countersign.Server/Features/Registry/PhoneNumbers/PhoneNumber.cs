using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Countersign.Server.Features.Registry.PhoneNumbers;

/// <summary>A number of a user. Codes go to verified ones only.</summary>
internal sealed class PhoneNumber
{
    public required Guid UserId { get; init; }

    public required Guid Id { get; init; }

    public required string E164 { get; init; }

    public required DateTimeOffset AddedAt { get; init; }

    /// <summary>
    /// When the owner agreed to it with a device, or gave it where no device is needed yet; null: imported, and not agreed to yet.
    /// </summary>
    public DateTimeOffset? AgreedAt { get; set; }

    /// <summary>
    /// The tier of the device that agreed to it: until codes to it are trusted they move no more than that one might (D2). Null
    /// where none was asked.
    /// </summary>
    public string? AgreedReach { get; set; }

    /// <summary>The device that agreed to it; null where none was asked.</summary>
    public Guid? AgreedBy { get; set; }

    /// <summary>When a code that was sent there came back.</summary>
    public DateTimeOffset? VerifiedAt { get; set; }

    /// <summary>Whether codes go here first.</summary>
    public bool Preferred { get; set; }

    /// <summary>The number that this one takes the place of, once it is verified.</summary>
    public Guid? ReplacesId { get; init; }

    /// <summary>A number that was removed stays as history and gets nothing any more.</summary>
    public DateTimeOffset? RemovedAt { get; set; }

    internal sealed class Mapping : IEntityTypeConfiguration<PhoneNumber>
    {
        public void Configure(EntityTypeBuilder<PhoneNumber> builder)
        {
            builder.ToTable("phone_numbers");
            builder.HasKey(n => new { n.UserId, n.Id });
            builder.Property(n => n.E164).HasMaxLength(16);
            builder.Property(n => n.AgreedReach).HasMaxLength(32);
            builder.HasIndex(n => new { n.UserId, n.E164 }).IsUnique().HasFilter("removed_at IS NULL");
            builder.HasIndex(n => n.E164);
        }
    }
}
