using System.CommandLine;
using Countersign.Server.Data;

namespace Countersign.Server.Cli;

/// <summary><c>countersign db migrate</c>: creates the database or brings it up to this release.</summary>
internal static class MigrateCommand
{
    public static Command Create()
    {
        var common = new CommonOptions();
        var command = new Command(
            "migrate", "Creates the database, or brings it up to this release. The release before keeps running meanwhile.");
        common.AddTo(command);
        command.SetAction(async (parsed, ct) =>
        {
            await using var app = common.Build(parsed);
            var database = app.Services.GetRequiredService<Database>();
            await database.MigrateAsync(demo: false, ct);
            await parsed.SayAsync("The database is up to date.");
            return 0;
        });
        return command;
    }
}
