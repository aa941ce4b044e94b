using System.CommandLine;
using System.CommandLine.Invocation;

namespace Countersign.Server.Cli;

/// <summary>The commands of the program.</summary>
internal static class CommandLine
{
    /// <summary>The exit code of a command line that cannot be understood, as shells have it.</summary>
    private const int Misused = 2;

    public static async Task<int> RunAsync(string[] args, Invocation invocation, CancellationToken ct)
    {
        var root = new RootCommand("Countersign: sign-in with a password and any one of several devices, run by the broker itself.");
        var serve = ServeCommand.Create();
        root.Subcommands.Add(serve);
        root.Subcommands.Add(new Command("db", "The database.") { MigrateCommand.Create() });
        root.Subcommands.Add(new Command("users", "Users.") { ImportCommand.Create(), LocksCommand.Freeze(), LocksCommand.Release() });
        root.Subcommands.Add(new Command("cards", "Security code cards.") { ImportCardsCommand.Create() });
        root.Subcommands.Add(new Command("numbers", "Phone numbers.") { ImportDoNotCallCommand.Create() });
        root.Subcommands.Add(new Command("operators", "Whoever runs the installation.") { OperatorsCommand.Create() });
        root.Subcommands.Add(KeysCommand.Create());
        root.Subcommands.Add(ApplicationsCommand.Create());
        root.Subcommands.Add(OathCommand.Create(TimeProvider.System));
        root.Subcommands.Add(HealthCommand.Create());
        string[] effective = args.Length == 0 || (args[0].StartsWith('-') && args[0] is not ("-h" or "-?" or "--help" or "--version"))
            ? ["serve", .. args]
            : args;
        try
        {
            var parsed = root.Parse(effective);
            if (parsed.Action is ParseErrorAction misused)
            {
                misused.ShowHelp = false;
                await parsed.InvokeAsync(invocation, ct);
                return Misused;
            }

            return await parsed.InvokeAsync(invocation, ct);
        }
#pragma warning disable CA1031 // The top of the command line: whatever it is, it is said, and the process does not abort.
        catch (Exception e)
#pragma warning restore CA1031
        {
            await invocation.Error.WriteLineAsync(StartFault.Say(e));
            if (Environment.GetEnvironmentVariable("DOTNET_ENVIRONMENT") == Environments.Development)
            {
                await invocation.Error.WriteLineAsync(e.ToString());
            }

            return 1;
        }
    }
}
