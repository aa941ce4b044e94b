using System.Text.Json;
using System.Text.RegularExpressions;
using Countersign.Server.Tests.Hosting;

namespace Countersign.Server.Tests.Features.Programs.Api;

/// <summary>The description is of the API that there is.</summary>
public abstract partial class OpenApiTests(CountersignServer server)
{
    [Fact]
    public async Task Every_endpoint_is_described_with_its_scope_its_problems_and_examples()
    {
        var document = await DocumentAsync();
        var described = document.GetProperty("paths").EnumerateObject().Select(p => p.Name).Order(StringComparer.Ordinal);
        var mapped = server.Routes().Where(r => r.StartsWith("/api/v1/", StringComparison.Ordinal)).Order(StringComparer.Ordinal);

        Assert.NotEmpty(described);
        Assert.Equal(mapped, described);
        foreach (var (name, operation) in Operations(document))
        {
            Assert.False(string.IsNullOrEmpty(Text(operation, "summary")), name);
            Assert.False(string.IsNullOrEmpty(Text(operation, "operationId")), name);
            Assert.Single(operation.GetProperty("security")[0].GetProperty("oauth2").EnumerateArray());
            Assert.All(
                operation.GetProperty("parameters").EnumerateArray(),
                p => Assert.False(string.IsNullOrEmpty(Text(p, "description")), name));
            var answers = operation.GetProperty("responses").EnumerateObject().ToDictionary(r => r.Name, r => r.Value);
            Assert.Superset(new HashSet<string> { "401", "403", "404", "429", "503" }, answers.Keys.ToHashSet());
            Assert.All(
                answers,
                a => Assert.True(
                    a.Value.GetProperty("content").EnumerateObject().First().Value.TryGetProperty("example", out _), name + a.Key));
            Assert.All(
                answers.Where(a => a.Key[0] != '2'),
                a => Assert.Equal("#/components/schemas/Problem", Schema(a.Value).GetProperty("$ref").GetString()));
        }

        static JsonElement Schema(JsonElement answer) =>
            answer.GetProperty("content").GetProperty("application/problem+json").GetProperty("schema");
    }

    [Fact]
    public async Task A_post_names_its_idempotency_key_and_a_body_what_it_needs()
    {
        var document = await DocumentAsync();
        var post = document.GetProperty("paths").GetProperty("/api/v1/accounts/{id}/messages").GetProperty("post");
        var schemas = document.GetProperty("components").GetProperty("schemas");

        Assert.Contains(
            post.GetProperty("parameters").EnumerateArray(),
            p => p.GetProperty("name").GetString() == "Idempotency-Key" && p.GetProperty("required").GetBoolean());
        Assert.True(post.GetProperty("responses").TryGetProperty("202", out _));
        Assert.Equal(
            ["topic", "text"], schemas.GetProperty("SendTopicMessage").GetProperty("required").EnumerateArray().Select(r => r.GetString()));
        Assert.Equal(
            ["jurisdiction", "time_zone", "equity"],
            schemas.GetProperty("AccountBody").GetProperty("required").EnumerateArray().Select(r => r.GetString()));
    }

    [Fact]
    public async Task Every_reference_leads_somewhere_and_every_scope_is_explained()
    {
        var document = await DocumentAsync();
        var schemas = document.GetProperty("components").GetProperty("schemas").EnumerateObject().Select(s => s.Name).ToHashSet();
        var flow = document.GetProperty("components").GetProperty("securitySchemes").GetProperty("oauth2").GetProperty("flows").GetProperty(
            "clientCredentials");

        Assert.All(Reference().Matches(document.GetRawText()).Select(m => m.Groups["name"].Value), name => Assert.Contains(name, schemas));
        Assert.Equal("https://broker.example/connect/token", flow.GetProperty("tokenUrl").GetString());
        Assert.Equal(
            ["accounts.write", "messages.write", "restrictions.read"],
            flow.GetProperty("scopes").EnumerateObject().Select(s => s.Name).Order(StringComparer.Ordinal));
    }

    private async Task<JsonElement> DocumentAsync()
    {
        using var api = server.Api();
        return (await api.GetAsync("/openapi/v1.json")).Body;
    }

    private static IEnumerable<(string Name, JsonElement Operation)> Operations(JsonElement document) =>
        from path in document.GetProperty("paths").EnumerateObject()
        from operation in path.Value.EnumerateObject()
        select ($"{operation.Name} {path.Name}", operation.Value);

    private static string? Text(JsonElement element, string member) =>
        element.TryGetProperty(member, out var text) ? text.GetString() : null;

    [GeneratedRegex("\"#/components/schemas/(?<name>[^\"]+)\"")]
    private static partial Regex Reference();
}

public sealed class OpenApiOnSqlite(OnSqlite server) : OpenApiTests(server);

public sealed class OpenApiOnPostgres(OnPostgres server) : OpenApiTests(server);
