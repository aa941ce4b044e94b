using System.CommandLine;
using Countersign.Server.Http;

namespace Countersign.Server.Cli;

/// <summary>Options that several commands share, and the settings that they make.</summary>
internal sealed class CommonOptions
{
    public Option<string?> Data { get; } = new("--data")
    {
        Description = "Folder of the embedded database, the keys and the lock (default .data).",
    };

    public Option<string?> Postgres { get; } = new("--postgres")
    {
        Description = "Npgsql connection string; in place of the embedded database.",
    };

    public Option<FileInfo?> Config { get; } = new("--config")
    {
        Description = "JSON file of settings; environment variables (Section__Key) come after it, --set after both.",
    };

    public Option<string[]> Set { get; } = new("--set") { Description = "A setting, as Section:Key=value; may be repeated." };

    public void AddTo(Command command)
    {
        command.Options.Add(Data);
        command.Options.Add(Postgres);
        command.Options.Add(Config);
        command.Options.Add(Set);
    }

    /// <summary>The program for a command beside a running server: nothing of it runs.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="settings">Settings of the command's own, over all others.</param>
    public WebApplication Build(ParseResult parsed, params (string Key, string Value)[] settings)
    {
        Server.Data.Patience.Lift();
        var mode = new ServeMode(Demo: false);
        var builder = CreateBuilder(parsed, mode);
        builder.Configuration.AddInMemoryCollection(settings.Select(s => KeyValuePair.Create<string, string?>(s.Key, s.Value)));
        return CountersignHost.Build(builder, mode);
    }

    public WebApplicationBuilder CreateBuilder(ParseResult parsed, ServeMode mode)
    {
        var builder = CountersignHost.CreateBuilder(mode, configuration => Configure(configuration, parsed));
        if (parsed.InvocationConfiguration is Invocation invocation)
        {
            invocation.Log(builder.Logging);
        }

        return builder;
    }

    /// <summary>The settings by file, environment and command line, each over the one before.</summary>
    private void Configure(ConfigurationManager configuration, ParseResult parsed)
    {
        if (parsed.GetValue(Config) is { } file)
        {
            configuration.AddJsonFile(file.FullName, optional: false);
            configuration.AddEnvironmentVariables();
        }

        var settings = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);
        foreach (var setting in parsed.GetValue(Set) ?? [])
        {
            var at = setting.IndexOf('=', StringComparison.Ordinal);
            if (at < 1 || !setting[..at].Contains(':', StringComparison.Ordinal))
            {
                throw new StartException($"--set takes Section:Key=value, not: {setting}");
            }

            settings[setting[..at]] = setting[(at + 1)..];
        }

        if (parsed.GetValue(Data) is { } data)
        {
            settings["Data:Directory"] = data;
        }

        if (parsed.GetValue(Postgres) is { } postgres)
        {
            settings["Data:Postgres"] = postgres;
        }

        configuration.AddInMemoryCollection(settings);
    }
}
