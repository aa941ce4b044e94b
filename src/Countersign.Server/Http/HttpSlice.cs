using System.Threading.RateLimiting;
using Countersign.Server.Http.Outbound;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.Extensions.Options;

namespace Countersign.Server.Http;

/// <summary>What all pages and endpoints share.</summary>
internal static class HttpSlice
{
    /// <summary>Name of the limit for requests that cost a hash, a message or a guess.</summary>
    public const string CostlyPolicy = "costly";

    /// <summary>Name of the limit for connections that are held open.</summary>
    public const string HeldPolicy = "held";

    private const int HeldConnectionsPerSource = 50;
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    public static IServiceCollection AddHttp(this IServiceCollection services, ServeMode mode)
    {
        services.AddOptions<SiteOptions>().BindConfiguration(SiteOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<SiteOptions>, SiteOptionsValidator>();
        services.AddSingleton<IValidateOptions<SiteOptions>, PublicUrlValidator>();
        if (mode.Demo)
        {
            services.PostConfigure<SiteOptions>(
                o => o.PublicUrl = o.PublicUrl.Length > 0 ? o.PublicUrl : ServeMode.PublicUrlOf(mode.Url));
        }

        services.AddSingleton<Cookies>();
        services.AddLanguages();
        OutboundClient.AddTo(services);
        services.AddProblemDetails();
        services.AddSingleton<UnavailableLog>();
        services.AddExceptionHandler<UnavailableHandler>();
        services.AddValidation();
        services.AddRazorPages(o => o.RootDirectory = "/Features").AddViewLocalization();
        services.AddAntiforgery(o =>
        {
            // Over plain HTTP a browser refuses the __Host- name: the form then fails with the page that says so, never with a 500.
            o.Cookie.Name = mode.Demo ? "countersign-form" : "__Host-countersign-form";
            o.Cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
            o.FormFieldName = "form-token";
        });
        services.Configure<CookieTempDataProviderOptions>(o =>
        {
            o.Cookie.Name = mode.Demo ? "countersign-refusal" : "__Host-countersign-refusal";
            o.Cookie.SecurePolicy = mode.Demo ? CookieSecurePolicy.SameAsRequest : CookieSecurePolicy.Always;
            o.Cookie.IsEssential = true;
        });
        services.AddRateLimiter(_ => { });
        services.AddOptions<RateLimiterOptions>().Configure<IOptions<SiteOptions>>((o, site) =>
        {
            o.RejectionStatusCode = StatusCodes.Status429TooManyRequests;
            o.OnRejected = (rejected, _) =>
            {
                // A sliding window does not know when it opens again; after one window it surely has.
                rejected.HttpContext.Response.Headers.RetryAfter = ErrorTextExtensions.Seconds(Window);
                return ValueTask.CompletedTask;
            };
            o.AddPolicy(CostlyPolicy, http => HttpMethods.IsPost(http.Request.Method)
                ? RateLimitPartition.GetSlidingWindowLimiter(ClientSource.Of(http), _ => new SlidingWindowRateLimiterOptions
                {
                    PermitLimit = site.Value.RequestsPerMinute,
                    Window = Window,
                    SegmentsPerWindow = 6,
                })
                : RateLimitPartition.GetNoLimiter("reads"));
            o.AddPolicy(HeldPolicy, http => RateLimitPartition.GetConcurrencyLimiter(
                ClientSource.Of(http), _ => new ConcurrencyLimiterOptions { PermitLimit = HeldConnectionsPerSource }));
        });
        return services;
    }
}
