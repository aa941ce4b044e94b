using System.CommandLine;
using Countersign.Server.Data;
using Countersign.Server.Http;

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
            var mode = new ServeMode(Demo: false);
            await using var app = CountersignHost.Build(CountersignHost.CreateBuilder(mode, c => common.Configure(c, parsed)), mode);
            var database = app.Services.GetRequiredService<Database>();
            await database.MigrateAsync(demo: false, ct);
            Console.WriteLine("The database is up to date.");
            return 0;
        });
        return command;
    }
}
