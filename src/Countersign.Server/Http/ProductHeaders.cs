namespace Countersign.Server.Http;

/// <summary>The strict headers of every answer: no inline script or style, no framing, no referrer, nothing cached but assets.</summary>
internal static class ProductHeaders
{
    private static readonly HeaderPolicyCollection Policies = new HeaderPolicyCollection()
        .AddFrameOptionsDeny()
        .AddContentTypeOptionsNoSniff()
        .AddReferrerPolicyNoReferrer()
        .AddStrictTransportSecurityMaxAgeIncludeSubDomains(maxAgeInSeconds: 63_072_000)
        .AddCrossOriginOpenerPolicy(p => p.SameOrigin())
        .AddCrossOriginResourcePolicy(p => p.SameOrigin())
        .AddPermissionsPolicy(p =>
        {
            p.AddDefaultSecureDirectives();

            // Our own pages ask for passkeys; nobody's frame does.
            p.AddPublickeyCredentialsGet().Self();
            p.AddPublickeyCredentialsCreate().Self();
        })
        .RemoveServerHeader()
        .AddContentSecurityPolicy(csp =>
        {
            csp.AddDefaultSrc().None();
            csp.AddScriptSrc().Self();
            csp.AddStyleSrc().Self();
            csp.AddImgSrc().Self().Data();
            csp.AddFontSrc().Self();
            csp.AddConnectSrc().Self();
            csp.AddFormAction().Self();
            csp.AddBaseUri().None();
            csp.AddFrameAncestors().None();
            csp.AddRequireTrustedTypesFor().Script();
        });

    public static void UseProductHeaders(this IApplicationBuilder app)
    {
        app.UseSecurityHeaders(Policies);
        app.Use((http, next) =>
        {
            http.Response.OnStarting(() =>
            {
                if (string.IsNullOrEmpty(http.Response.Headers.CacheControl))
                {
                    http.Response.Headers.CacheControl = "no-store";
                }

                return Task.CompletedTask;
            });
            return next(http);
        });
    }
}
