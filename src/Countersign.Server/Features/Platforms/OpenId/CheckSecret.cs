using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Countersign.Server.Data;
using Countersign.Server.Features.Ground.Audit;
using Countersign.Server.Features.Ground.Rations;
using Countersign.Server.Features.Programs.Applications;
using Countersign.Server.Http;
using Microsoft.AspNetCore;
using Microsoft.EntityFrameworkCore;
using OpenIddict.Abstractions;
using OpenIddict.Server;
using OpenIddict.Server.AspNetCore;
using static OpenIddict.Server.OpenIddictServerEvents;
using static OpenIddict.Server.OpenIddictServerHandlerFilters;

namespace Countersign.Server.Features.Platforms.OpenId;

/// <summary>
/// Checks a client's secret: the current one, or the one before it while its grace lasts. In place of OpenIddict's own check,
/// whose slow hash protects secrets that people choose; ours are random.
/// </summary>
/// <remarks>
/// The right secret is always taken: a stranger cannot use up its owner's tries. Wrong ones are counted for each source and id, of
/// clients that there are and of those that there are not: what goes beyond is answered 429, and neither written down nor audited.
/// Stands before OpenIddict's look at the id, so that the two take the same way.
/// </remarks>
internal sealed partial class CheckSecret(
    Contexts contexts, IWriter writer, ApplicationSecrets secrets, Rationing rations, AuditTrail audit, TimeProvider time,
    ILogger<CheckSecret> logger)
    : IOpenIddictServerHandler<ProcessAuthenticationContext>
{
    /// <summary>Wrong secrets of one client and source that are looked into; then the source waits.</summary>
    private static readonly RationRule Rule = new(20, TimeSpan.FromMinutes(10));

    private const int Counts = 16_384;

    public static OpenIddictServerHandlerDescriptor Descriptor { get; } =
        OpenIddictServerHandlerDescriptor.CreateBuilder<ProcessAuthenticationContext>()
            .AddFilter<RequireClientIdParameter>()
            .UseSingletonHandler<CheckSecret>()
            .SetOrder(OpenIddictServerHandlers.ValidateClientId.Descriptor.Order - 1)
            .SetType(OpenIddictServerHandlerType.Custom)
            .Build();

    public async ValueTask HandleAsync(ProcessAuthenticationContext context)
    {
        if (string.IsNullOrEmpty(context.ClientSecret))
        {
            context.Reject(OpenIddictConstants.Errors.InvalidRequest, "The client_secret is missing.");
            return;
        }

        var http = context.Transaction.GetHttpRequest()?.HttpContext
            ?? throw new InvalidOperationException("The request did not come over HTTP.");
        await using var db = contexts.Read();
        var application = await db.Set<Application>().SingleOrDefaultAsync(a => a.ClientId == context.ClientId, http.RequestAborted);
        if (application is not null && IsRight(application, context.ClientSecret))
        {
            return;
        }

        context.Reject(OpenIddictConstants.Errors.InvalidClient);
        if (await WaitAsync(db, context.ClientId!, application, ClientSource.Of(http)) is { } wait)
        {
            context.Transaction.SetProperty(Answer.Wait, wait);
        }
    }

    private bool IsRight(Application application, string? secret) =>
        secrets.Matches(application.ClientSecret, secret)
            || application.PreviousSecretUntil > time.GetUtcNow() && secrets.Matches(application.PreviousSecret, secret);

    /// <summary>Counts a wrong secret; yields how long to wait when there were too many.</summary>
    private async Task<Waiting?> WaitAsync(CountersignDbContext db, string clientId, Application? application, string source)
    {
        var (owner, name) = (OwnerOf(clientId), "application-secret/" + source);
        var now = time.GetUtcNow();
        if (await Rationing.NextAsync(db, owner, name, Rule, CancellationToken.None) is var next && next > now)
        {
            return new Waiting(next - now);
        }

        var counted = await writer.RunAsync(
            async (unit, ct) =>
            {
                if (!await rations.TakeAsync(unit, owner, name, Rule))
                {
                    return false;
                }

                if (application is not null)
                {
                    audit.Add(unit, AuditEvents.ApplicationSecretWrong, userId: null, Actor.Application(application.ClientId!, source));
                }

                return true;
            },
            CancellationToken.None);
        if (application is not null)
        {
            LogWrong(application.Id);
        }

        return counted ? null : new Waiting(Rule.Window);
    }

    /// <summary>One of some thousand counts of a source: whoever invents ids makes no more rows than that.</summary>
    private static Guid OwnerOf(string clientId)
    {
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(clientId));
        return new Guid(0, 0, (short)(BinaryPrimitives.ReadUInt16BigEndian(hash) % Counts), new byte[8]);
    }

    [LoggerMessage(7001, LogLevel.Warning, "A wrong secret was sent for application {Application}.")]
    private partial void LogWrong(Guid application);

    private sealed record Waiting(TimeSpan For);

    /// <summary>Says the same of an unknown client as of a wrong secret; to a source with too many of them, when to come back.</summary>
    internal sealed class Answer : IOpenIddictServerHandler<ApplyTokenResponseContext>
    {
        public const string Wait = "countersign.wait";

        public static OpenIddictServerHandlerDescriptor Descriptor { get; } =
            OpenIddictServerHandlerDescriptor.CreateBuilder<ApplyTokenResponseContext>()
                .UseSingletonHandler<Answer>()
                .SetOrder(OpenIddictServerAspNetCoreHandlers.AttachHttpResponseCode<ApplyTokenResponseContext>.Descriptor.Order + 500)
                .SetType(OpenIddictServerHandlerType.Custom)
                .Build();

        public ValueTask HandleAsync(ApplyTokenResponseContext context)
        {
            if (context.Response is { Error: OpenIddictConstants.Errors.InvalidClient } refusal)
            {
                (refusal.ErrorDescription, refusal.ErrorUri) = ("There is no such client, or this is not its secret.", null);
            }

            if (context.Transaction.GetProperty<Waiting>(Wait) is { } wait
                && context.Transaction.GetHttpRequest()?.HttpContext.Response is { } response)
            {
                response.StatusCode = StatusCodes.Status429TooManyRequests;
                response.Headers.RetryAfter = ErrorTextExtensions.Seconds(wait.For);
            }

            return default;
        }
    }
}
