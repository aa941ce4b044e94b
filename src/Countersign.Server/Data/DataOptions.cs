using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Countersign.Server.Data;

/// <summary>Where the data is.</summary>
internal sealed class DataOptions
{
    public const string Section = "Data";

    /// <summary>Folder of the embedded database, the key file and the lock file.</summary>
    [Required]
    public string Directory { get; set; } = ".data";

    /// <summary>Npgsql connection string. Empty: the embedded database in <see cref="Directory"/>.</summary>
    public string? Postgres { get; set; }

    /// <summary>File with the master keys. Empty: <c>master.keys</c> in <see cref="Directory"/>.</summary>
    public string? KeyFile { get; set; }

    /// <summary>Units of work that may wait for the one writer of the embedded database; more are refused with 503.</summary>
    [Range(16, 100_000)]
    public int WriterQueue { get; set; } = 4096;

    /// <summary>
    /// Connections that this node opens to PostgreSQL for its pages, half of them to read with; two more wake pages and look after the
    /// node. Who finds none free waits its turn, and gets 503 after the time in which one could have been opened.
    /// </summary>
    [Range(4, 1_000)]
    public int Connections { get; set; } = 40;

    /// <summary>
    /// How long a statement for a page may take on PostgreSQL before the page says that the database does not answer. Jobs and the command
    /// line have ten minutes.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:01:00")]
    public TimeSpan Deadline { get; set; } = TimeSpan.FromSeconds(4);

    /// <summary>Whether data lies in PostgreSQL.</summary>
    public bool OnPostgres => !string.IsNullOrEmpty(Postgres);

    /// <summary>The embedded database's file.</summary>
    public string SqliteFile => Path.Combine(Directory, "countersign.db");

    /// <summary>The key file in force.</summary>
    public string KeyFilePath => string.IsNullOrEmpty(KeyFile) ? Path.Combine(Directory, "master.keys") : KeyFile;
}

/// <summary>Checks <see cref="DataOptions"/> at start.</summary>
[OptionsValidator]
internal sealed partial class DataOptionsValidator : IValidateOptions<DataOptions>;

/// <summary>Checks that the connection string is one, before anything connects by it.</summary>
internal sealed class ConnectionStringValidator : IValidateOptions<DataOptions>
{
    public ValidateOptionsResult Validate(string? name, DataOptions options)
    {
        if (!options.OnPostgres)
        {
            return ValidateOptionsResult.Success;
        }

        try
        {
            return new NpgsqlConnectionStringBuilder(options.Postgres).Host is { Length: > 0 }
                ? ValidateOptionsResult.Success
                : ValidateOptionsResult.Fail("Data:Postgres names no Host.");
        }
        catch (Exception e) when (e is ArgumentException or FormatException or OverflowException)
        {
            // What is wrong is not repeated: an unquoted password would be part of it.
            return ValidateOptionsResult.Fail(
                "Data:Postgres (--postgres) is not a connection string of Npgsql. It takes Keyword=value parted by semicolons, such as "
                    + "Host=db;Database=countersign;Username=countersign; a value with a semicolon stands in quotes.");
        }
    }
}
