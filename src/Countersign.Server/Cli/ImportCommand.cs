using System.CommandLine;

namespace Countersign.Server.Cli;

/// <summary><c>countersign users import FILE</c>.</summary>
internal static class ImportCommand
{
    public static Command Create()
    {
        var common = new CommonOptions();
        var file = new Argument<FileInfo>("file") { Description = "CSV file with a header line; see docs/operations.md." };
        var command = new Command("import", "Imports people, users and accounts: all rows of the file, or none.") { file };
        common.AddTo(command);
        return command;
    }
}
