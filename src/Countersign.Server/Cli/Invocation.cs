using System.CommandLine;

namespace Countersign.Server.Cli;

/// <summary>
/// Where a run of the program writes. By default to the console of the process; whoever runs a command inside a process of their
/// own names writers, and where the log goes.
/// </summary>
internal sealed class Invocation : InvocationConfiguration
{
    // What goes wrong is said by the command line itself, in a sentence.
    public Invocation() => EnableDefaultExceptionHandler = false;

    /// <summary>Changes where the log goes.</summary>
    public Action<ILoggingBuilder> Log { get; init; } = _ => { };
}

internal static class InvocationExtensions
{
    /// <summary>A line of what the command was asked for.</summary>
    public static Task SayAsync(this ParseResult parsed, string line) => parsed.InvocationConfiguration.Output.WriteLineAsync(line);
}
