using Countersign.Server.Data;
using Countersign.Server.Features.Programs.Applications;
using Microsoft.AspNetCore;
using Microsoft.EntityFrameworkCore;
using OpenIddict.Abstractions;
using OpenIddict.Validation;
using static OpenIddict.Validation.OpenIddictValidationEvents;

namespace Countersign.Server.Features.Platforms.OpenId;

/// <summary>
/// Looks on each call whether the token's application is still there: removing it ends its access at once, though tokens are not
/// remembered.
/// </summary>
internal sealed class RecogniseApplication(Contexts contexts) : IOpenIddictValidationHandler<ProcessAuthenticationContext>
{
    public static OpenIddictValidationHandlerDescriptor Descriptor { get; } =
        OpenIddictValidationHandlerDescriptor.CreateBuilder<ProcessAuthenticationContext>()
            .UseSingletonHandler<RecogniseApplication>()
            .SetOrder(OpenIddictValidationHandlers.ValidateAccessToken.Descriptor.Order + 500)
            .SetType(OpenIddictValidationHandlerType.Custom)
            .Build();

    public async ValueTask HandleAsync(ProcessAuthenticationContext context)
    {
        if (context.AccessTokenPrincipal is not { } principal || context.Transaction.GetHttpRequest()?.HttpContext is not { } http)
        {
            return;
        }

        var clientId = principal.GetClaim(OpenIddictConstants.Claims.ClientId);
        await using var db = contexts.Read();
        if (await db.Set<Application>().SingleOrDefaultAsync(a => a.ClientId == clientId, http.RequestAborted) is not { } application)
        {
            context.Reject(OpenIddictConstants.Errors.InvalidToken, "The application of the token is not registered any more.");
            return;
        }

        http.SetApplication(new ApplicationView(application.Id, application.ClientId!, application.ReadCountries()));
    }
}
