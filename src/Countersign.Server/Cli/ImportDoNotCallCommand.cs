using System.CommandLine;
using System.Text;
using Countersign.Server.Data;
using Countersign.Server.Features.Ground.Audit;
using Countersign.Server.Features.Messaging.Shield;

namespace Countersign.Server.Cli;

/// <summary><c>countersign numbers import-dnc FILE</c>: a do-not-call register, all of it or nothing.</summary>
internal static class ImportDoNotCallCommand
{
    private const int LongestRegister = 32;

    public static Command Create()
    {
        var common = new CommonOptions();
        var file = new Argument<FileInfo>("file")
        {
            Description = "Text file, UTF-8, one number a line; lines that begin with # are passed over.",
        };
        var register = new Option<string>("--register")
        {
            Description = "Name of the register, such as ndnc. An import takes the place of the one before of the same name.",
            DefaultValueFactory = _ => "default",
        };
        var country = new Option<string?>("--country") { Description = "ISO country of numbers that are not in international form." };
        var command = new Command("import-dnc", "Imports a do-not-call register. A file with a bad line changes nothing.")
        {
            file,
            register,
            country,
        };
        common.AddTo(command);
        command.SetAction(async (parsed, ct) =>
        {
            await using var app = common.Build(parsed);
            await app.Services.GetRequiredService<Database>().CheckAsync(demo: false, ct);
            var name = parsed.GetValue(register)!.Trim();
            if (name.Length is 0 or > LongestRegister)
            {
                throw new StartException($"--register takes 1 to {LongestRegister} characters.");
            }

            return await RunAsync(app.Services, parsed, parsed.GetValue(file)!, name, parsed.GetValue(country)?.ToUpperInvariant(), ct);
        });
        return command;
    }

    private static async Task<int> RunAsync(
        IServiceProvider services, ParseResult parsed, FileInfo file, string register, string? country, CancellationToken ct)
    {
        if (!file.Exists)
        {
            throw new StartException($"There is no file {file.FullName}.");
        }

        using var reader = new StreamReader(
            file.FullName, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: false));
        var result = await services.GetRequiredService<ImportDoNotCall>().RunAsync(reader, register, country, Actor.Import(file.Name), ct);
        foreach (var bad in result.Bad)
        {
            await parsed.SayAsync($"line {bad.Line}: {bad.Why}");
        }

        await parsed.SayAsync(result.Bad.Count > 0
            ? $"{result.Bad.Count:N0} bad line(s). Nothing was imported."
            : $"The register {register} has {result.Numbers:N0} numbers; {result.Removed:N0} are not on it any more.");
        return result.Bad.Count > 0 ? 1 : 0;
    }
}
