using Countersign.Server.Cli;

return await CommandLine.RunAsync(args);
