using Countersign.Server.Features.Registry.Users;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Countersign.Server.Features.Clients.Contacts;

/// <summary>
/// The e-mail address that a user wants in place of the one there is: a device has agreed to it, and the code that was sent there has
/// not come back yet. A user has one at a time; it goes when it is carried out or given up.
/// </summary>
internal sealed class WantedEmail
{
    public required Guid UserId { get; init; }

    /// <summary>Another one with each agreement: a code for the one before proves nothing of this one.</summary>
    public required Guid Id { get; init; }

    public required string Address { get; init; }

    /// <summary>The device that agreed; null: the release before did not write it down.</summary>
    public Guid? AgreedBy { get; init; }

    /// <summary>What a device agreed to is worth no more than a day: it knew the device's strength of that moment.</summary>
    public required DateTimeOffset ExpiresAt { get; init; }

    internal sealed class Mapping : IEntityTypeConfiguration<WantedEmail>
    {
        public void Configure(EntityTypeBuilder<WantedEmail> builder)
        {
            builder.ToTable("wanted_emails");
            builder.HasKey(e => e.UserId);
            builder.Property(e => e.UserId).ValueGeneratedNever();
            builder.Property(e => e.Address).HasMaxLength(EmailAddress.MaximumLength);
            builder.HasIndex(e => e.ExpiresAt);
        }
    }
}
