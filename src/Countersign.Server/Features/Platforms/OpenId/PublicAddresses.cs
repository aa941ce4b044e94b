using OpenIddict.Server;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace Countersign.Server.Features.Platforms.OpenId;

/// <summary>Discovery names the public addresses: the request's own host is never believed.</summary>
internal sealed class PublicAddresses : IOpenIddictServerHandler<HandleConfigurationRequestContext>
{
    public static OpenIddictServerHandlerDescriptor Descriptor { get; } =
        OpenIddictServerHandlerDescriptor.CreateBuilder<HandleConfigurationRequestContext>()
            .UseSingletonHandler<PublicAddresses>()
            .SetOrder(OpenIddictServerHandlers.Discovery.AttachEndpoints.Descriptor.Order + 500)
            .SetType(OpenIddictServerHandlerType.Custom)
            .Build();

    public ValueTask HandleAsync(HandleConfigurationRequestContext context)
    {
        context.TokenEndpoint = Of(context, context.Options.TokenEndpointUris);
        context.JsonWebKeySetEndpoint = Of(context, context.Options.JsonWebKeySetEndpointUris);
        return default;
    }

    private static Uri Of(HandleConfigurationRequestContext context, List<Uri> uris) => new(context.Options.Issuer!, uris[0]);
}
