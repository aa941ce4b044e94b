using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using OpenIddict.EntityFrameworkCore;
using OpenIddict.EntityFrameworkCore.Models;

namespace Countersign.Server.Features.Programs.Applications;

/// <summary>What a user allowed an application; OpenIddict's row.</summary>
internal sealed class OpenIdAuthorization : OpenIddictEntityFrameworkCoreAuthorization<Guid, Application, OpenIdToken>
{
    internal sealed class Mapping : IEntityTypeConfiguration<OpenIdAuthorization>
    {
        public void Configure(EntityTypeBuilder<OpenIdAuthorization> builder)
        {
            // OpenIddict's own mapping first: ours names its table and sets its limits.
            new OpenIddictEntityFrameworkCoreAuthorizationConfiguration<OpenIdAuthorization, Application, OpenIdToken, Guid>()
                .Configure(builder);
            builder.ToTable("openid_authorizations");
            builder.Property(a => a.Properties).HasMaxLength(8_000);
            builder.Property(a => a.Scopes).HasMaxLength(4_000);
        }
    }
}

/// <summary>A token that has to be remembered; OpenIddict's row. Those for client credentials are not.</summary>
internal sealed class OpenIdToken : OpenIddictEntityFrameworkCoreToken<Guid, Application, OpenIdAuthorization>
{
    internal sealed class Mapping : IEntityTypeConfiguration<OpenIdToken>
    {
        public void Configure(EntityTypeBuilder<OpenIdToken> builder)
        {
            // OpenIddict's own mapping first: ours names its table and sets its limits.
            new OpenIddictEntityFrameworkCoreTokenConfiguration<OpenIdToken, Application, OpenIdAuthorization, Guid>().Configure(builder);
            builder.ToTable("openid_tokens");
            builder.Property(t => t.Payload).HasMaxLength(16_000);
            builder.Property(t => t.Properties).HasMaxLength(8_000);
        }
    }
}

/// <summary>A scope with a description; OpenIddict's row. Ours are constants and need none.</summary>
internal sealed class OpenIdScope : OpenIddictEntityFrameworkCoreScope<Guid>
{
    internal sealed class Mapping : IEntityTypeConfiguration<OpenIdScope>
    {
        public void Configure(EntityTypeBuilder<OpenIdScope> builder)
        {
            // OpenIddict's own mapping first: ours names its table and sets its limits.
            new OpenIddictEntityFrameworkCoreScopeConfiguration<OpenIdScope, Guid>().Configure(builder);
            builder.ToTable("openid_scopes");
            builder.Property(s => s.Description).HasMaxLength(2_000);
            builder.Property(s => s.Descriptions).HasMaxLength(8_000);
            builder.Property(s => s.DisplayName).HasMaxLength(200);
            builder.Property(s => s.DisplayNames).HasMaxLength(2_000);
            builder.Property(s => s.Properties).HasMaxLength(8_000);
            builder.Property(s => s.Resources).HasMaxLength(4_000);
        }
    }
}
