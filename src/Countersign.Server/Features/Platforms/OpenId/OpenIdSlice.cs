using Countersign.Server.Data;
using Countersign.Server.Data.Protection;
using Countersign.Server.Features.Programs.Api;
using Countersign.Server.Features.Programs.Applications;
using Countersign.Server.Http;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;
using Microsoft.IdentityModel.Tokens;
using OpenIddict.Server;
using OpenIddict.Validation;

namespace Countersign.Server.Features.Platforms.OpenId;

/// <summary>Tokens for applications: OpenIddict as server and as validation, set up as in <c>docs/adr/0015</c>.</summary>
internal static class OpenIdSlice
{
    /// <summary>Who our access tokens are for.</summary>
    public const string Audience = "urn:countersign:api";

    /// <summary>Short, since a token is not remembered: what ends one earlier is that the application is gone.</summary>
    public static readonly TimeSpan AccessTokenLifetime = TimeSpan.FromMinutes(10);

    private const string EncryptionUse = "openid-encryption";

    public static IServiceCollection AddOpenId(this IServiceCollection services, ServeMode mode)
    {
        services.AddSingleton<IKeyedRows>(SigningKey.Column);
        services.AddSingleton<SigningKeys>();
        services.AddOpenIddict()
            .AddCore(o => o.UseEntityFrameworkCore()
                .UseDbContext<CountersignDbContext>()
                .ReplaceDefaultEntities<Application, OpenIdAuthorization, OpenIdScope, OpenIdToken, Guid>())
            .AddServer(o => AddServer(o, mode))
            .AddValidation(AddValidation);
        services.AddSingleton<IConfigureOptions<OpenIddictServerOptions>>(s => new ConfigureOptions<OpenIddictServerOptions>(o =>
        {
            o.TimeProvider = s.GetRequiredService<TimeProvider>();
            o.SigningCredentials.AddRange(
                s.GetRequiredService<SigningKeys>().All.Select(k => new SigningCredentials(k, SecurityAlgorithms.EcdsaSha256)));
            o.EncryptionCredentials.AddRange(s.GetRequiredService<MasterKeys>().DeriveAll(EncryptionUse)
                .Select(
                    key => new EncryptingCredentials(
                        new SymmetricSecurityKey(key), SecurityAlgorithms.Aes256KW, SecurityAlgorithms.Aes256CbcHmacSha512)));
        }));
        services.AddSingleton<IOptionsChangeTokenSource<OpenIddictServerOptions>, NewMasterKeys>();
        return services;
    }

    public static void MapOpenId(this IEndpointRouteBuilder routes) =>
        routes.MapPost("/connect/token", IssueToken.Run).AllowAnonymous().RequireRateLimiting(HttpSlice.CostlyPolicy).WithTags("OpenID");

    /// <summary>Opens the keys and looks at all options, so that a wrong one stops the start and not the first request.</summary>
    public static async Task PrepareAsync(IServiceProvider services, CancellationToken ct)
    {
        await services.GetRequiredService<SigningKeys>().OpenAsync(ct);
        _ = services.GetRequiredService<IOptionsMonitor<OpenIddictServerOptions>>().CurrentValue;
        _ = services.GetRequiredService<IOptionsMonitor<OpenIddictValidationOptions>>().CurrentValue;
    }

    private static void AddServer(OpenIddictServerBuilder server, ServeMode mode)
    {
        server.SetTokenEndpointUris("connect/token")
            .SetConfigurationEndpointUris(".well-known/openid-configuration")
            .SetJsonWebKeySetEndpointUris(".well-known/jwks");
        server.AllowClientCredentialsFlow();
        server.RegisterScopes([.. ApiScopes.All]);
        server.SetAccessTokenLifetime(AccessTokenLifetime).DisableAccessTokenEncryption();

        // A token for client credentials is looked up by nobody: it costs no write.
        server.DisableTokenStorage().DisableAuthorizationStorage();
        server.RemoveEventHandler(OpenIddictServerHandlers.ValidateClientSecret.Descriptor);
        server.AddEventHandler(ReadForm.Descriptor);
        server.AddEventHandler(CheckSecret.Descriptor);
        server.AddEventHandler(CheckSecret.Answer.Descriptor);
        var web = server.UseAspNetCore().EnableTokenEndpointPassthrough();
        if (mode.Demo)
        {
            // On this machine, over plain HTTP, on whatever port: the issuer is then the address that was asked.
            web.DisableTransportSecurityRequirement();
        }
        else
        {
            server.AddEventHandler(PublicAddresses.Descriptor);
            server.Services.AddSingleton<IConfigureOptions<OpenIddictServerOptions>>(s => new ConfigureOptions<OpenIddictServerOptions>(
                o => o.Issuer = new Uri(s.GetRequiredService<IOptions<SiteOptions>>().Value.PublicUrl)));
        }
    }

    private static void AddValidation(OpenIddictValidationBuilder validation)
    {
        validation.UseLocalServer();
        validation.AddAudiences(Audience);
        validation.AddEventHandler(RecogniseApplication.Descriptor);

        // In the header and nowhere else: addresses are logged, and bodies are ours to read.
        validation.UseAspNetCore().DisableAccessTokenExtractionFromBodyForm().DisableAccessTokenExtractionFromQueryString();
    }

    /// <summary>After a rotation the running server opens what other nodes close with the new key.</summary>
    private sealed class NewMasterKeys(MasterKeys keys) : IOptionsChangeTokenSource<OpenIddictServerOptions>
    {
        public string? Name => Options.DefaultName;

        public IChangeToken GetChangeToken() => keys.Changed;
    }
}
