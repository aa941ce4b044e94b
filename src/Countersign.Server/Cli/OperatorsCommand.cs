using System.CommandLine;
using Countersign.Server.Data;
using Countersign.Server.Features.Pages.Operators;
using Countersign.Server.Http;
using Microsoft.Extensions.Options;

namespace Countersign.Server.Cli;

/// <summary><c>countersign operators code</c>: opens the operators' pages for whoever can read the key file.</summary>
internal static class OperatorsCommand
{
    public static Command Create()
    {
        var common = new CommonOptions();
        var name = new Option<string>("--name")
        {
            Description = "Whose code it is, as the audit log shall say.",
            DefaultValueFactory = _ => Environment.UserName,
        };
        var command = new Command("code", "Makes a code for the page /operations. It works once, within ten minutes.") { name };
        common.AddTo(command);
        command.SetAction(async (parsed, ct) =>
        {
            await using var app = common.Build(parsed);
            await app.Services.GetRequiredService<Database>().CheckAsync(demo: false, ct);
            var who = parsed.GetValue(name)!.Trim();
            if (who.Length is 0 or > OperatorCodes.LongestName || who.Any(char.IsControl))
            {
                throw new StartException($"--name takes 1 to {OperatorCodes.LongestName} characters.");
            }

            await parsed.SayAsync(app.Services.GetRequiredService<OperatorCodes>().Make(who));
            var site = app.Services.GetRequiredService<IOptions<SiteOptions>>().Value.PublicUrl.TrimEnd('/');
            await parsed.SayAsync(
                $"Type it at {(site.Length > 0 ? site : "the address of the server, and there at ")}/operations/enter");
            return 0;
        });
        return command;
    }
}
