using System.CommandLine;
using Countersign.Server.Data;
using Microsoft.Extensions.Options;

namespace Countersign.Server.Cli;

/// <summary>The commands of the program.</summary>
internal static class CommandLine
{
    public static async Task<int> RunAsync(string[] args, Invocation invocation, CancellationToken ct)
    {
        var root = new RootCommand("Countersign: sign-in with a password and any one of several devices, run by the broker itself.");
        var serve = ServeCommand.Create();
        root.Subcommands.Add(serve);
        root.Subcommands.Add(new Command("db", "The database.") { MigrateCommand.Create() });
        root.Subcommands.Add(new Command("users", "Users.") { ImportCommand.Create() });
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
            return await root.Parse(effective).InvokeAsync(invocation, ct);
        }
        catch (Exception e) when (e is StartException or OptionsValidationException || IsOfSetting(e))
        {
            await invocation.Error.WriteLineAsync(Explain(e));
            return 1;
        }
    }

    /// <summary>A file that a setting names cannot be read, or an address cannot be bound.</summary>
    private static bool IsOfSetting(Exception e) =>
        e is IOException || e is InvalidOperationException && e.Message.StartsWith("Passwords:BlocklistFile", StringComparison.Ordinal);

    private static string Explain(Exception e) => e is OptionsValidationException options
        ? "The settings are not valid:" + Environment.NewLine + string.Join(Environment.NewLine, options.Failures.Select(f => "  " + f))
        : e.Message;
}
