using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using Countersign.Testing;

namespace Countersign.Server.Tests.Processes;

/// <summary>The built program, as other programs call it: without a database, settings or a folder of its own.</summary>
public sealed class OathProgramTests
{
    private static readonly string Program = Path.Combine(Repository.Root, "artifacts/bin/Countersign.Server/release/countersign.dll");
    private static readonly TimeSpan Ceiling = Waiting.Ceiling;

    private static readonly (string Vector, string Line)[] Inputs =
        [("question", "question"), ("counter", "counter"), ("pin_sha1_hex", "pin_hash_hex"), ("T_hex", "time_hex")];

    [Fact]
    public async Task Every_vector_of_RFC_6287_has_its_response()
    {
        using var folder = new TestFolder();
        var vectors = Vectors();
        var file = Path.Combine(folder.Path, "requests");
        await File.WriteAllLinesAsync(file, vectors.Select(vector => vector.Line), TestContext.Current.CancellationToken);

        var (code, output, errors) = await RunAsync(folder.Path, input: null, "oath", "ocra", "--file", file);

        Assert.Equal(70, vectors.Count);
        Assert.Equal(vectors.Select(vector => vector.Response), output.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.Equal((0, ""), (code, errors));
        Assert.Equal([file], Directory.GetFileSystemEntries(folder.Path));
    }

    [Fact]
    public async Task A_bad_line_on_standard_input_ends_it_with_an_error()
    {
        using var folder = new TestFolder();
        var vector = Vectors()[0];

        var (code, output, errors) = await RunAsync(folder.Path, vector.Line + "\nnonsense\n", "oath", "ocra", "--file", "-");

        Assert.Equal((1, vector.Response + "\n"), (code, output));
        Assert.StartsWith("line 2: ", errors, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", errors, StringComparison.Ordinal);
    }

    private static List<(string Line, string Response)> Vectors()
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Repository.Root, "tests/vectors/rfc6287.json")));
        return
        [
            .. from all in document.RootElement.GetProperty("groups").EnumerateArray()
               from vector in all.GetProperty("vectors").EnumerateArray()
               select (Line(all, vector), vector.GetProperty("response").GetString()!),
        ];
    }

    private static string Line(JsonElement all, JsonElement vector)
    {
        var line = new JsonObject
        {
            ["suite"] = all.GetProperty("suite").GetString(),
            ["key_hex"] = all.GetProperty("key_hex").GetString(),
        };
        foreach (var (property, name) in Inputs)
        {
            if (vector.TryGetProperty(property, out var value))
            {
                line[name] = JsonNode.Parse(value.GetRawText());
            }
        }

        return line.ToJsonString();
    }

    private static async Task<(int Code, string Output, string Errors)> RunAsync(string folder, string? input, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo("dotnet", [Program, .. arguments])
        {
            WorkingDirectory = folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        await process.WaitForExitAsync().WaitAsync(Ceiling);
        return (process.ExitCode, await output, await errors);
    }
}
