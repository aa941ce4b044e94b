using System.Net;
using Countersign.Server.Data;
using Countersign.Server.Data.Protection;
using Countersign.Server.Features.Access.Freezing;
using Countersign.Server.Features.Access.Passwords;
using Countersign.Server.Features.Access.Sessions;
using Countersign.Server.Features.Clients.AccountOpening;
using Countersign.Server.Features.Clients.Contacts;
using Countersign.Server.Features.Clients.NumberSettings;
using Countersign.Server.Features.Clients.Records;
using Countersign.Server.Features.Clients.Restrictions;
using Countersign.Server.Features.Confirming.Challenges;
using Countersign.Server.Features.Confirming.Devices;
using Countersign.Server.Features.Confirming.DeviceSettings;
using Countersign.Server.Features.Confirming.Pins;
using Countersign.Server.Features.Confirming.SentCodes;
using Countersign.Server.Features.Ground.Audit;
using Countersign.Server.Features.Ground.Jobs;
using Countersign.Server.Features.Ground.Jurisdictions;
using Countersign.Server.Features.Ground.Keys;
using Countersign.Server.Features.Ground.Rations;
using Countersign.Server.Features.Kinds.AuthenticatorApps;
using Countersign.Server.Features.Kinds.CodeCards;
using Countersign.Server.Features.Kinds.EmailCodes;
using Countersign.Server.Features.Kinds.Passkeys;
using Countersign.Server.Features.Kinds.TextMessages;
using Countersign.Server.Features.Messaging.Messages;
using Countersign.Server.Features.Messaging.Messages.Receipts;
using Countersign.Server.Features.Messaging.Notices;
using Countersign.Server.Features.Messaging.Shield;
using Countersign.Server.Features.Registry.Offices;
using Countersign.Server.Features.Pages.Demo;
using Countersign.Server.Features.Pages.Demo.Lab;
using Countersign.Server.Features.Pages.Help;
using Countersign.Server.Features.Pages.Home;
using Countersign.Server.Features.Pages.Operators;
using Countersign.Server.Features.Platforms.OpenId;
using Countersign.Server.Features.Platforms.TopicMessages;
using Countersign.Server.Features.Platforms.TopicMessages.Topics;
using Countersign.Server.Features.Programs.Api;
using Countersign.Server.Features.Programs.Applications;
using Countersign.Server.Features.Registry.PhoneNumbers;
using Countersign.Server.Features.Registry.Users;
using Countersign.Server.Features.SigningIn.PasswordChanges;
using Countersign.Server.Features.SigningIn.Release;
using Countersign.Server.Features.SigningIn.SignIn;
using Countersign.Server.Features.SigningIn.Thaw;
using Countersign.Server.Http;
using Countersign.Server.Telemetry;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.Extensions.Options;

namespace Countersign.Server;

/// <summary>What the program is made of.</summary>
internal static class CountersignHost
{
    public static WebApplicationBuilder CreateBuilder(ServeMode mode, Action<ConfigurationManager> configure)
    {
        // The content root is the program's own folder: it starts from anywhere. A changed setting takes a restart, so that nothing
        // watches files.
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions
        {
            ContentRootPath = AppContext.BaseDirectory,
            ApplicationName = typeof(CountersignHost).Assembly.GetName().Name,
            Args = ["--hostBuilder:reloadConfigOnChange=false"],
        });
        builder.Environment.WebRootFileProvider = new UnwatchedFiles(builder.Environment.WebRootFileProvider);
        configure(builder.Configuration);
        builder.Host.UseDefaultServiceProvider(o => (o.ValidateScopes, o.ValidateOnBuild) = (true, true));
        builder.WebHost.ConfigureKestrel(
            o => (o.AddServerHeader, o.Limits.MaxRequestBodySize, o.Limits.MaxRequestHeadersTotalSize) = (false, 64 * 1024, 32 * 1024));
        builder.AddTelemetry();
        AddServices(builder.Services, mode);

        // What goes wrong until it runs is said in a sentence by whoever starts it.
        builder.Services.AddSingleton<Start>();
        builder.Services.AddOptions<LoggerFilterOptions>().Configure<Start>((o, start) =>
            o.AddFilter(Start.Category, level => start.IsOver && level >= LogLevel.Warning));
        return builder;
    }

    public static WebApplication Build(WebApplicationBuilder builder, ServeMode mode)
    {
        KnownSettings.Check(builder.Services, builder.Configuration);
        var app = builder.Build();
        var start = app.Services.GetRequiredService<Start>();
        app.Lifetime.ApplicationStarted.Register(() => start.IsOver = true);
        UsePipeline(app);
        MapEndpoints(app, mode);
        return app;
    }

    /// <summary>Checks or creates the database before the first request.</summary>
    public static async Task PrepareAsync(WebApplication app, ServeMode mode, CancellationToken ct)
    {
        // Outside demo mode beside the look at the database, always before anything is written: a mistake in one of them stops the start.
        var read = Task.Run(
            () =>
            {
                app.Services.GetRequiredService<PasswordBlocklist>();
                app.Services.GetRequiredService<OfficeDirectory>();
                app.Services.GetRequiredService<HelpLibrary>();
            },
            ct);
        var database = app.Services.GetRequiredService<Database>();
        if (mode.Demo)
        {
            await read;
            await database.MigrateAsync(demo: true, ct);
            await app.Services.GetRequiredService<DemoPersonas>().SeedAsync(ct);
            await app.Services.GetRequiredService<DemoDevices>().SeedAsync(ct);
            await app.Services.GetRequiredService<DemoApplication>().SeedAsync(ct);
        }
        else
        {
            await database.CheckAsync(demo: false, ct);
            if (app.Services.GetRequiredService<IOptions<SiteOptions>>().Value.PublicUrl.Length == 0)
            {
                throw new StartException(
                    "Site:PublicUrl is not set. It is the address that clients type, such as https://login.broker.example: set it in the "
                        + "file of --config, as Site__PublicUrl in the environment, or with --set Site:PublicUrl=ADDRESS.");
            }

            await read;
        }

        await database.RefuseTooFewConnectionsAsync(ct);

        // The first form is not to wait for the ring.
        await app.Services.GetRequiredService<KeyRingRefresh>().RunOnceAsync(ct);
        await OpenIdSlice.PrepareAsync(app.Services, ct);
    }

    /// <summary>Tells a demo that was not told otherwise where it is: the port may have been chosen when it began to listen.</summary>
    public static void Settle(WebApplication app, ServeMode mode, string listening)
    {
        if (mode.Demo && string.IsNullOrEmpty(app.Configuration[$"{SiteOptions.Section}:{nameof(SiteOptions.PublicUrl)}"]))
        {
            app.Services.GetRequiredService<IOptions<SiteOptions>>().Value.PublicUrl = ServeMode.PublicUrlOf(listening);
        }
    }

    public static IEnumerable<string> Greeting(ServeMode mode, string address) =>
        mode.Demo ? DemoPersonas.Greeting(address) : [];

    private static void AddServices(IServiceCollection services, ServeMode mode)
    {
        services.AddSingleton(mode);
        services.AddSingleton(TimeProvider.System);
        services.AddData();
        AddJobs(services);
        services.AddRegimes();
        services.AddRations();
        services.AddSingleton<AuditMeasures>();
        services.AddSingleton<AuditTrail>();
        services.AddSingleton<IKeyedRows>(new KeyedRows<AuditEvent>(
            "audit rows", AuditTrail.Use, KeyRest.Always, "they never change", (rows, id) => rows.Where(e => e.KeyId == id)));
        services.AddKeys();
        services.AddDevices();
        services.AddUsers();
        services.AddPasswords();
        services.AddSessions();
        services.AddMessages();
        services.AddNotices();
        services.AddFreezing();
        services.AddChallenges();
        services.AddPhoneNumbers();
        services.AddDeviceSettings();
        services.AddSentCodes();
        services.AddEmailCodes();
        services.AddTextMessages();
        services.AddAuthenticatorApps();
        services.AddPasskeys();
        services.AddCodeCards();
        services.AddPins();
        services.AddShield();
        services.AddOperators();
        services.AddNumberSettings();
        services.AddContacts();
        services.AddAccountOpening();
        services.AddSignIn();
        services.AddPasswordChanges();
        services.AddThaw();
        services.AddRelease();
        services.AddHttp(mode);
        services.AddPortal();
        services.AddHelp();
        services.AddOffices();
        services.AddApplications();
        services.AddOpenId(mode);
        services.AddRecords();
        services.AddRestrictions();
        services.AddTopics();
        services.AddApplicationMessages();
        services.AddApi();
        if (mode.Demo)
        {
            services.AddDemo();
        }
        else
        {
            services.LeaveOutDemo();
        }
    }

    /// <summary>Storage knows no jobs: what it has to do again and again becomes one here.</summary>
    private static void AddJobs(IServiceCollection services)
    {
        services.AddJobs();
        services.AddSingleton<IJob>(s =>
        {
            // A turn deletes all there is: nothing is left for one at once.
            var retention = s.GetRequiredService<Retention>();
            return new Turns("retention", Retention.Every, ct => NoneLeftAsync(retention, ct), unhurried: true);
        });
        services.AddSingleton<IJob>(s =>
        {
            var ring = s.GetRequiredService<KeyRingRefresh>();
            return new Turns("key-ring", ring.Every, ring.RunOnceAsync);
        });
    }

    private static async Task<int> NoneLeftAsync(Retention retention, CancellationToken ct)
    {
        await retention.RunOnceAsync(ct);
        return 0;
    }

    private static void UsePipeline(WebApplication app)
    {
        app.UseMiddleware<RequestLog>();
        var site = app.Services.GetRequiredService<IOptions<SiteOptions>>().Value;
        if (site.TrustedProxies.Count > 0)
        {
            var forwarded = new ForwardedHeadersOptions
            {
                ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto,
            };
            foreach (var proxy in site.TrustedProxies)
            {
                forwarded.KnownProxies.Add(IPAddress.TryParse(proxy, out var address)
                    ? address
                    : throw new StartException($"Site:TrustedProxies holds what is no IP address: {proxy}"));
            }

            app.UseForwardedHeaders(forwarded);
        }

        app.UseHeadAsGet();
        app.UseProductHeaders();
        app.UseMiddleware<KnownHosts>();

        // In a scope of its own: what was asked once in this one, and failed, would fail again.
        app.UseStatusCodePagesWithReExecute("/error/{0}", createScopeForStatusCodePages: true);
        app.UseApiProblems();

        // Inside the pages for statuses: what an exception became is shown like any other status.
        app.UseExceptionHandler(new ExceptionHandlerOptions { ExceptionHandler = _ => Task.CompletedTask });
        app.UseKnownCharset();
        app.UseStaticFiles(StaticAssets.Options);
        app.UseRouting();
        app.UseApiAddresses();
        app.UseRateLimiter();
        app.UseNoNul();
        app.UseAuthentication();
        app.UseRequestLocalization();
        app.UseKnownAddresses();
        app.UseAuthorization();
        app.UseSessionBorders();
        app.UseAntiforgery();
        app.UseFormRefusal();
    }

    private static void MapEndpoints(WebApplication app, ServeMode mode)
    {
        app.MapRazorPages();
        app.MapHealth();
        app.MapWellKnown();
        app.MapPreferences();
        app.MapSignOut();
        app.MapChallengeEvents();
        app.MapPasskeySignIn();
        app.MapOpenId();
        var api = app.MapApi();
        api.MapAccounts();
        api.MapRestrictions();
        api.MapApplicationMessages();
        app.MapMobileDialog();
        app.MapReceipts();
        app.MapHelp();
        if (mode.Demo)
        {
            app.MapDemo();
        }
    }

    /// <summary>Whether the start is through.</summary>
    private sealed class Start
    {
        /// <summary>Who would log a start that failed, with its trace.</summary>
        public const string Category = "Microsoft.Extensions.Hosting.Internal.Host";

        public bool IsOver { get; set; }
    }
}
