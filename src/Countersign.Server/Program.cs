using Countersign.Server.Cli;

return await CommandLine.RunAsync(args, new Invocation(), CancellationToken.None);
