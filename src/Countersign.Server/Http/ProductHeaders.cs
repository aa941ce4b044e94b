namespace Countersign.Server.Http;

/// <summary>The strict headers of every answer: no inline script or style, no framing, no referrer, nothing cached but assets.</summary>
internal static class ProductHeaders
{
    /// <summary>Two years, which is what lists of hosts that browsers ship with ask for.</summary>
    private const string OnlyByTls = "max-age=63072000; includeSubDomains";

    private static readonly HeaderPolicyCollection Policies = new HeaderPolicyCollection()
        .AddFrameOptionsDeny()
        .AddContentTypeOptionsNoSniff()
        .AddReferrerPolicyNoReferrer()
        .AddCrossOriginOpenerPolicy(p => p.SameOrigin())
        .AddCrossOriginResourcePolicy(p => p.SameOrigin())
        .AddPermissionsPolicy(p =>
        {
            // By name: the list that comes with the package has names that browsers do not know, and say so to everybody who looks.
            p.AddAccelerometer().None();
            p.AddAutoplay().None();
            p.AddCamera().None();
            p.AddDisplayCapture().None();
            p.AddEncryptedMedia().None();
            p.AddFullscreen().None();
            p.AddGeolocation().None();
            p.AddGyroscope().None();
            p.AddMagnetometer().None();
            p.AddMicrophone().None();
            p.AddMidi().None();
            p.AddPayment().None();
            p.AddPictureInPicture().None();
            p.AddScreenWakeLock().None();
            p.AddSyncXHR().None();
            p.AddUsb().None();
            p.AddXrSpatialTracking().None();

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
        var isReal = !app.ApplicationServices.GetRequiredService<ServeMode>().Demo;
        app.UseSecurityHeaders(Policies);
        app.Use((http, next) =>
        {
            http.Response.OnStarting(() =>
            {
                // The package's own policy says nothing to loopback names, by which a proxy may ask. A demo shares its name with whatever
                // else is tried on the machine, which must not be cut off from plain HTTP for years.
                if (isReal && http.Request.IsHttps)
                {
                    http.Response.Headers.StrictTransportSecurity = OnlyByTls;
                }

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
