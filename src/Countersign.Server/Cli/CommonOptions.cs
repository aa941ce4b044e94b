using System.CommandLine;

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

    /// <summary>The settings by file, environment and command line, each over the one before.</summary>
    public void Configure(ConfigurationManager configuration, ParseResult parsed)
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
            if (at < 1)
            {
                throw new Data.StartException($"--set takes Section:Key=value, not: {setting}");
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
