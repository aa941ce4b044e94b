using Countersign.Server.Cli;

// What a demo holds is public, and whoever measures it may look into it.
if (!args.Contains("--demo", StringComparer.Ordinal))
{
    CoreDumps.Forbid();
}

return await CommandLine.RunAsync(args, new Invocation(), CancellationToken.None);
