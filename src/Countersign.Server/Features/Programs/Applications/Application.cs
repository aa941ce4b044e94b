using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using OpenIddict.EntityFrameworkCore;
using OpenIddict.EntityFrameworkCore.Models;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace Countersign.Server.Features.Programs.Applications;

/// <summary>A program that relies on Countersign: its client registration, as OpenIddict reads it, and what we know beyond.</summary>
internal sealed class Application : OpenIddictEntityFrameworkCoreApplication<Guid, OpenIdAuthorization, OpenIdToken>
{
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>The stored form of the secret before the last rotation, which is valid until <see cref="PreviousSecretUntil"/>.</summary>
    public string? PreviousSecret { get; set; }

    public DateTimeOffset? PreviousSecretUntil { get; set; }

    /// <summary>ISO 3166 countries whose accounts it may see, parted by spaces; empty: all.</summary>
    public required string Countries { get; init; }

    public IReadOnlyList<string> ReadCountries() => Countries.Split(' ', StringSplitOptions.RemoveEmptyEntries);

    public IReadOnlyList<string> ReadScopes() =>
        [.. ReadPermissions()
            .Where(p => p.StartsWith(OpenIddict.Abstractions.OpenIddictConstants.Permissions.Prefixes.Scope, StringComparison.Ordinal))
            .Select(p => p[OpenIddict.Abstractions.OpenIddictConstants.Permissions.Prefixes.Scope.Length..])];

    /// <summary>A registration for client credentials with these scopes.</summary>
    public static Application New(
        Guid id, string clientId, string storedSecret, string name, IEnumerable<string> scopes, IEnumerable<string> countries,
        DateTimeOffset now) => new()
        {
            Id = id,
            ClientId = clientId,
            ClientSecret = storedSecret,
            ClientType = ClientTypes.Confidential,
            ConsentType = ConsentTypes.Implicit,
            ApplicationType = ApplicationTypes.Web,
            DisplayName = name,
            Permissions = JsonSerializer.Serialize(
            [
                OpenIddict.Abstractions.OpenIddictConstants.Permissions.Endpoints.Token,
                OpenIddict.Abstractions.OpenIddictConstants.Permissions.GrantTypes.ClientCredentials,
                .. scopes.Select(s => OpenIddict.Abstractions.OpenIddictConstants.Permissions.Prefixes.Scope + s),
            ],
            RegistrationJson.Default.StringArray),
            CreatedAt = now,
            Countries = string.Join(' ', countries),
        };

    private string[] ReadPermissions() =>
        Permissions is null ? [] : JsonSerializer.Deserialize(Permissions, RegistrationJson.Default.StringArray) ?? [];

    internal sealed class Mapping : IEntityTypeConfiguration<Application>
    {
        public void Configure(EntityTypeBuilder<Application> builder)
        {
            // OpenIddict's own mapping first: ours names its table and sets its limits.
            new OpenIddictEntityFrameworkCoreApplicationConfiguration<Application, OpenIdAuthorization, OpenIdToken, Guid>()
                .Configure(builder);
            builder.ToTable("applications");
            builder.Property(a => a.Id).ValueGeneratedNever();
            builder.Property(a => a.ClientSecret).HasMaxLength(ApplicationSecrets.LongestStored);
            builder.Property(a => a.PreviousSecret).HasMaxLength(ApplicationSecrets.LongestStored);
            builder.Property(a => a.DisplayName).HasMaxLength(100);
            builder.Property(a => a.Countries).HasMaxLength(800);
            builder.Property(a => a.DisplayNames).HasMaxLength(2_000);
            builder.Property(a => a.JsonWebKeySet).HasMaxLength(8_000);
            builder.Property(a => a.Permissions).HasMaxLength(4_000);
            builder.Property(a => a.PostLogoutRedirectUris).HasMaxLength(8_000);
            builder.Property(a => a.Properties).HasMaxLength(8_000);
            builder.Property(a => a.RedirectUris).HasMaxLength(8_000);
            builder.Property(a => a.Requirements).HasMaxLength(2_000);
            builder.Property(a => a.Settings).HasMaxLength(4_000);
        }
    }
}
