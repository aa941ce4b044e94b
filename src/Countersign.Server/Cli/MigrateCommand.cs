using System.CommandLine;
using Countersign.Server.Data;
using Microsoft.Extensions.Options;

namespace Countersign.Server.Cli;

/// <summary><c>countersign db migrate</c>: creates the database or brings it up to this release.</summary>
internal static class MigrateCommand
{
    public static Command Create()
    {
        var common = new CommonOptions();
        var command = new Command(
            "migrate",
            "Creates the database, or brings it up to this release. On PostgreSQL the release before keeps running meanwhile.");
        common.AddTo(command);
        command.SetAction(async (parsed, ct) =>
        {
            await using var app = common.Build(parsed);
            using var folder = FolderLock.Take(app.Services.GetRequiredService<IOptions<DataOptions>>().Value);
            var database = app.Services.GetRequiredService<Database>();
            await database.MigrateAsync(demo: false, ct);
            await parsed.SayAsync("The database is up to date.");
            return 0;
        });
        return command;
    }
}
