using System.Text.Json.Serialization;
using Countersign.Server.Data.Protection;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Countersign.Server.Features.Clients.AccountOpening;

/// <summary>Where an account application stands.</summary>
internal enum AccountApplicationState
{
    Draft,
    Submitted,
}

/// <summary>A person's request for an account: four steps, saved at each, good or not yet.</summary>
internal sealed class AccountApplication
{
    /// <summary>How <see cref="Answers"/> is sealed.</summary>
    public static readonly SealedColumn AnswersColumn = new(
        "account applications", "account_applications", "answers", owner: "user_id", row: "user_id");

    public required Guid UserId { get; init; }

    public required AccountApplicationState State { get; set; }

    /// <summary>Protected <see cref="ApplicantAnswers"/>.</summary>
    public required byte[] Answers { get; set; }

    public required DateTimeOffset BegunAt { get; init; }

    public required DateTimeOffset SavedAt { get; set; }

    public DateTimeOffset? SubmittedAt { get; set; }

    /// <summary>The account that was opened for it.</summary>
    public string? AccountNumber { get; set; }

    internal sealed class Mapping : IEntityTypeConfiguration<AccountApplication>
    {
        public void Configure(EntityTypeBuilder<AccountApplication> builder)
        {
            builder.ToTable("account_applications");
            builder.HasKey(a => a.UserId);
            builder.Property(a => a.UserId).ValueGeneratedNever();
            builder.Property(a => a.Answers).HasMaxLength(16_000);
            builder.Property(a => a.AccountNumber).HasMaxLength(32);
            builder.HasIndex(a => new { a.State, a.BegunAt });
        }
    }
}

/// <summary>What was typed so far, as it was typed.</summary>
internal sealed record ApplicantAnswers
{
    public string? FullName { get; init; }

    /// <summary>ISO 3166 alpha-2.</summary>
    public string? Residence { get; init; }

    /// <summary>ISO 8601 date.</summary>
    public string? Birthday { get; init; }

    public string? Street { get; init; }

    public string? City { get; init; }

    public string? Postcode { get; init; }

    public string? Currency { get; init; }

    public string? Experience { get; init; }

    public bool Agreed { get; init; }

    /// <summary>The last step that was sent: earlier ones are judged, later ones have not been seen.</summary>
    public AccountApplicationStep? Reached { get; init; }
}

/// <summary>The four steps.</summary>
internal enum AccountApplicationStep
{
    About,
    Address,
    Account,
    Review,
}

[JsonSerializable(typeof(ApplicantAnswers))]
internal sealed partial class AccountApplicationJson : JsonSerializerContext;
