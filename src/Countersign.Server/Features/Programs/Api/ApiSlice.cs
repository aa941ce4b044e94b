using System.Threading.RateLimiting;
using Countersign.Server.Data;
using Countersign.Server.Http;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.Extensions.Options;

namespace Countersign.Server.Features.Programs.Api;

/// <summary>The API for applications: one group, whose endpoints lie in the slices that they belong to.</summary>
internal static class ApiSlice
{
    public const string Root = "/api/v1";

    private const string RatePolicy = "api";
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    public static IServiceCollection AddApi(this IServiceCollection services)
    {
        services.AddOptions<ApiOptions>().BindConfiguration(ApiOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<ApiOptions>, ApiOptionsValidator>();
        ApiScopes.AddPolicies(services.AddAuthorizationBuilder());
        services.AddOptions<RateLimiterOptions>().Configure<IOptions<ApiOptions>>((o, api) => o.AddPolicy(
            RatePolicy,
            http => RateLimitPartition.GetSlidingWindowLimiter(
                ClientSource.Of(http),
                _ => new SlidingWindowRateLimiterOptions
                {
                    PermitLimit = api.Value.RequestsPerMinute,
                    Window = Window,
                    SegmentsPerWindow = 6,
                })));
        services.AddOpenApi(ApiDescription.Configure);
        services.AddSingleton<Idempotency>();
        services.AddSingleton<IOldRows>(new OldRows<IdempotencyKey>(nameof(IdempotencyKey.CreatedAt), _ => Idempotency.Lifetime));
        return services;
    }

    /// <returns>The group to which slices add their endpoints.</returns>
    public static IEndpointRouteBuilder MapApi(this IEndpointRouteBuilder routes)
    {
        routes.MapOpenApi("/openapi/v1.json").AllowAnonymous().RequireRateLimiting(RatePolicy);
        return routes.MapGroup(Root).RequireRateLimiting(RatePolicy);
    }
}
