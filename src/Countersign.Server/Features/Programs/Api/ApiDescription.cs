using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Countersign.Server.Http;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.Extensions.Localization;
using Microsoft.Extensions.Options;
using Microsoft.OpenApi;

namespace Countersign.Server.Features.Programs.Api;

/// <summary>
/// Marks a member that a request has to have. Only the description reads it: what is missing is told with everything else that is
/// wrong.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class NeededAttribute : Attribute;

/// <summary>What an endpoint may refuse beyond what all do.</summary>
internal sealed record Refusals(IReadOnlyList<Error> Errors);

/// <summary>JSON of a request and of its answer, for the description.</summary>
internal sealed record Examples(string? Request, string Answer);

/// <summary>Describes the API as OpenAPI: what the endpoints say of themselves, and what they all have in common.</summary>
internal static class ApiDescription
{
    private const string Problem = "Problem";
    private const string Scheme = "oauth2";

    private static readonly Dictionary<string, string> Scopes = new(StringComparer.Ordinal)
    {
        [ApiScopes.AccountsWrite] = "Create accounts and bring them up to date",
        [ApiScopes.MessagesWrite] = "Send messages to an account's users",
        [ApiScopes.RestrictionsRead] = "Read what an account's users may not do now",
    };

    public static TBuilder Refuses<TBuilder>(this TBuilder builder, params Error[] errors)
        where TBuilder : IEndpointConventionBuilder => builder.WithMetadata(new Refusals(errors));

    public static TBuilder WithExamples<TBuilder>(this TBuilder builder, string? request, string answer)
        where TBuilder : IEndpointConventionBuilder => builder.WithMetadata(new Examples(request, answer));

    public static void Configure(OpenApiOptions options)
    {
        options.ShouldInclude = d => d.RelativePath?.StartsWith(ApiSlice.Root[1..] + "/", StringComparison.Ordinal) == true;
        options.CreateSchemaReferenceId = SchemaName;
        options.AddSchemaTransformer((schema, context, _) =>
        {
            Require(schema, context.JsonTypeInfo);
            return Task.CompletedTask;
        });
        options.AddOperationTransformer((operation, context, _) =>
        {
            Describe(operation, context);
            return Task.CompletedTask;
        });
        options.AddDocumentTransformer((document, context, _) =>
        {
            Describe(document, context.ApplicationServices);
            return Task.CompletedTask;
        });
    }

    /// <summary>A request is named by the use case that it belongs to.</summary>
    private static string? SchemaName(JsonTypeInfo type) =>
        type.Type is { Name: "Request", DeclaringType: { } useCase } ? useCase.Name : OpenApiOptions.CreateDefaultSchemaReferenceId(type);

    private static void Require(OpenApiSchema schema, JsonTypeInfo type)
    {
        var needed = type.Properties.Where(p => p.AttributeProvider?.IsDefined(typeof(NeededAttribute), inherit: false) == true)
            .Select(p => p.Name)
            .ToHashSet(StringComparer.Ordinal);
        if (needed.Count > 0)
        {
            schema.Required = needed;
        }
    }

    private static void Describe(OpenApiOperation operation, OpenApiOperationTransformerContext context)
    {
        var metadata = context.Description.ActionDescriptor.EndpointMetadata;
        var texts = context.ApplicationServices.GetRequiredService<IStringLocalizer<ErrorText>>();
        operation.Responses ??= [];
        foreach (var status in RefusalsOf(operation, metadata).GroupBy(r => r.Status).OrderBy(r => r.Key))
        {
            operation.Responses[status.Key.ToString(System.Globalization.CultureInfo.InvariantCulture)] = AnswerOf(
                [.. status.Select(s => s.Error)], status.Key, texts, context.Document!);
        }

        if (metadata.OfType<ScopeRequired>().FirstOrDefault() is { } scope)
        {
            operation.Security =
            [
                new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(Scheme, context.Document)] = [scope.Scope] },
            ];
        }

        if (metadata.OfType<NeedsIdempotencyKey>().Any())
        {
            (operation.Parameters ??= []).Add(KeyParameter());
        }

        if (metadata.OfType<Examples>().FirstOrDefault() is { } examples)
        {
            Attach(operation, examples);
        }
    }

    private static IEnumerable<(int Status, Error Error)> RefusalsOf(OpenApiOperation operation, IList<object> metadata)
    {
        IEnumerable<int> bare = [401, 403, 429, 500, 503, .. operation.RequestBody is null ? Array.Empty<int>() : [400, 413, 415]];
        IEnumerable<Error> own =
        [
            .. metadata.OfType<Refusals>().SelectMany(r => r.Errors),
            .. operation.RequestBody is null ? Array.Empty<Error>() : [ApiErrors.Invalid], ApiErrors.Unreadable,
        ];
        IEnumerable<(int, Error)> key = metadata.OfType<NeedsIdempotencyKey>().Any()
            ? [(400, IdempotencyErrors.KeyMissing), (422, IdempotencyErrors.OtherRequest)]
            : [];
        return bare.Select(s => (s, ApiErrors.Of(s))).Concat(own.Select(e => (e.Status(), e))).Concat(key);
    }

    private static OpenApiResponse AnswerOf(
        IReadOnlyList<Error> errors, int status, IStringLocalizer<ErrorText> texts, OpenApiDocument document) => new()
        {
            Description = string.Join("\n\n", errors.Select(e => $"`{e.Code}`: {texts.Say(e)}")),
            Content = new Dictionary<string, OpenApiMediaType>
            {
                ["application/problem+json"] = new()
                {
                    Schema = new OpenApiSchemaReference(Problem, document),
                    Example = new JsonObject
                    {
                        ["status"] = status,
                        ["code"] = errors[0].Code,
                        ["detail"] = texts.Say(errors[0]).ToString(),
                    },
                },
            },
        };

    private static OpenApiParameter KeyParameter() => new()
    {
        Name = Idempotency.Header,
        In = ParameterLocation.Header,
        Required = true,
        Description =
            $"Names this request for {Idempotency.Lifetime.TotalHours} hours. Sent again with the same key it gets "
                + $"the same answer, marked `{Idempotency.ReplayedHeader}: true`, and has no second effect.",
        Schema = new OpenApiSchema
        {
            Type = JsonSchemaType.String,
            MinLength = 1,
            MaxLength = Idempotency.LongestKey,
            Pattern = "^[ -~]+$",
        },
    };

    private static void Attach(OpenApiOperation operation, Examples examples)
    {
        if (examples.Request is { } request && operation.RequestBody?.Content?.Values.FirstOrDefault() is { } body)
        {
            body.Example = JsonNode.Parse(request);
        }

        foreach (var answer in operation.Responses!.Where(r => r.Key[0] == '2').SelectMany(r => r.Value.Content?.Values ?? []))
        {
            answer.Example = JsonNode.Parse(examples.Answer);
        }
    }

    private static void Describe(OpenApiDocument document, IServiceProvider services)
    {
        var site = services.GetRequiredService<IOptions<SiteOptions>>().Value;
        document.Info = new OpenApiInfo
        {
            Title = site.Name + " API for applications",
            Version = "v1",
            Description =
                "For programs that rely on Countersign. Within v1 members and codes are added and never renamed or "
                    + "taken away: pass over what you do not know.",
        };
        document.Servers = [new OpenApiServer { Url = site.PublicUrl }];
        document.Components ??= new OpenApiComponents();
        (document.Components.SecuritySchemes ??= new Dictionary<string, IOpenApiSecurityScheme>())[Scheme] = new OpenApiSecurityScheme
        {
            Type = SecuritySchemeType.OAuth2,
            Description = "Client credentials. A token lasts ten minutes; get a new one rather than keep it.",
            Flows = new OpenApiOAuthFlows
            {
                ClientCredentials = new OpenApiOAuthFlow { TokenUrl = new Uri(new Uri(site.PublicUrl), "/connect/token"), Scopes = Scopes },
            },
        };
        (document.Components.Schemas ??= new Dictionary<string, IOpenApiSchema>())[Problem] = ProblemSchema();
    }

    private static OpenApiSchema ProblemSchema() => new()
    {
        Type = JsonSchemaType.Object,
        Description = "RFC 9457. Branch on `code`; `detail` is for people, in the language of Accept-Language.",
        Required = new HashSet<string> { "status", "code", "detail" },
        Properties = new Dictionary<string, IOpenApiSchema>
        {
            ["type"] = new OpenApiSchema { Type = JsonSchemaType.String },
            ["title"] = new OpenApiSchema { Type = JsonSchemaType.String },
            ["status"] = new OpenApiSchema { Type = JsonSchemaType.Integer },
            ["detail"] = new OpenApiSchema { Type = JsonSchemaType.String },
            ["code"] = new OpenApiSchema { Type = JsonSchemaType.String, Description = "Stable, such as `account.unknown`." },
            ["errors"] = new OpenApiSchema
            {
                Type = JsonSchemaType.Object,
                Description = "Only with `api.invalid`: what is wrong, by field.",
                AdditionalProperties = new OpenApiSchema
                {
                    Type = JsonSchemaType.Array,
                    Items = new OpenApiSchema { Type = JsonSchemaType.String },
                },
            },
        },
    };
}
